"""Syllables of Vietnamese names with their marks, by place in the name, the most usual first.

Written for proposing a spelling to somebody who typed a name without marks; the person confirms.
A syllable missing here stays as it was typed.
"""

from collections.abc import Mapping

from dialogs.folding import fold

_FAMILY = """
Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đào Đinh Trịnh Đoàn Mai Tô
Trương Lâm Hà Cao Lương Tạ Châu Phùng Vương Thái Tăng Quách Chu Thạch Sơn Kim Danh Triệu Nông Hứa
Mạc La Lò Vi Quàng Cầm Giàng Vàng Sùng Thào Lầu Cứ Má Hạng Đàm Từ Hầu Khổng Kiều Nghiêm Ninh Ông
Phí Quang Thân Thang Tôn Tống Trà Trang Trầm Viên Xa Yên Bạch Bành Biện Cấn Chử Cù Doãn Đậu Điểu
Đồng Giang Hàn Kha Khuất Khúc Lại Liêu Lục Lưu Lữ Mã Nhữ Ong Phó Sầm Tiêu Thiều Ưng Văn Vòng
Hoa Hán Hồng Bàn Bế Chảo Đèo Điêu Hoàng Lường Lèng Ma Mùa Phàn Tẩn Tòng Vừ Xồng Âu Cung Thi Thiệu
"""
_MIDDLE = """
Văn Thị Hữu Đức Ngọc Minh Thanh Quang Xuân Đình Công Kim Hồng Thu Mỹ Bích Thúy Anh Phương Hoàng
Quốc Tuấn Duy Gia Bảo Trọng Mạnh Hải Như Khánh Thành Trung Tiến Thế Viết Bá Sỹ Đăng Nhật Hoài Ánh
Kiều Tuyết Lan Mai Diệu Cẩm Thùy Thảo Diễm Tường Trúc Vân Yến Quỳnh Hà Hạnh Tấn Phước Phúc Chí Huy
Ngô Nguyễn Trần Lê Phạm Tôn Vĩnh Thái Sơn Nam Linh Lệ Nguyệt Tố Thục Huyền Huệ An Á Đại Cao Hùng
Khắc Trí Phú Phi Thiên Thiện Tùng Việt Vũ Võ Đắc Đoàn Đông Hiếu Hòa Huỳnh Kỳ Lâm Long Nghĩa Nhân Quý
Sĩ Tài Tâm Tất Thạch Thăng Thiên Thuận Thục Toàn Trường Tú Từ Ý Yên Đan Hương Tiểu Uyên Thoại Song
Bé Út
"""
_GIVEN = """
Hoa Hòa Hương Hường Lan Mai Hồng Hằng Hạnh Hiền Hiển Hiến Thủy Thúy Thùy Thảo Thu Thư Thanh Thành
Thạnh Phương Phượng Phường Linh Lĩnh Lệ Loan Liên Liễu Nga Ngà Nguyệt Nhung Oanh Quyên Quyền Quyết
Tâm Tám Tươi Tuyết Tuyến Trang Tràng Vân Văn Yến Yên Anh Ánh An Ân Ẩn Bình Bích Châu Chi Cúc Cường
Cương Dũng Dung Dụng Duy Đạt Đức Giang Hà Hạ Hải Hai Hiếu Hiệp Hùng Hưng Huy Huế Huệ Khánh Khang
Khoa Kiên Lâm Lam Long Lộc Lợi Minh Nam Năm Nghĩa Ngọc Nhân Nhàn Phong Phú Phúc Phước Quang Quân
Quỳnh Sơn Sinh Tài Thái Thắng Thăng Thông Thịnh Thọ Thơ Thuận Tiến Tiên Toàn Toản Toán Trung Trí
Trinh Trường Tú Tư Tứ Tự Tuấn Tuân Tùng Tường Việt Viết Vinh Vĩnh Vũ Vui Xuân Đào Đông Đồng Đường
Dương Dượng Diệp Diễm Điệp Điền Định Đình Đinh Hậu Hậu Hoàn Hoàng Hoan Hoạt Khôi Khương Lương Lượng
Luyến Luyện Luân Lý Ly Mến Mơ Mùi Mừng Mỹ My Nguyên Nguyện Nhi Nhị Như Nhã Ninh Nở Nương Phấn Phát
Phi Quế Quý Quy Sáu Sâm Sen Sơn Sương Tân Tấn Thân Thắm Thấm Thêm Thi Thị Thoa Thiện Thiên Thìn Tình
Tính Tịnh Trọng Tuyên Tý Tỵ Út Uyên Ba Bảy Bé Bền Bảo Bội Ca Cảnh Chín Chiến Chính Chinh Chung Công
Cảm Cẩm Đoan Đoàn Đại Đăng Đô Gấm Hân Hảo Hào Hợi Hợp Hội Hồi Kim Kỳ Khải Khanh Lành Lê Lựu Lụa Mạnh
Mận Miên Mười Nết Ngân Ngà Ngoan Ngộ Nhẫn Nhật Nhạn Nhiên Phụng Phương Rạng Rượu Sang Sáng Sỹ Sửu
Tuất
Tỉnh Tịnh Thắng Thật Thuần Thục Thương Thường Tiệp Trâm Trâu Trầm Trân Trúc Truyền Tửu Vượng Vương
Xuyến
Ý Yên Đậu Đậu Mão Mẹo Dần Dậu Ngọ Thơm Thơi Tho Thọ Nhựt Hên Hoài Huyền Hoạch Hớn Hữu Khuê Kiều
"""


def _by_letters(table: str) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for syllable in table.split():
        same = found.setdefault(fold(syllable), [])
        if syllable not in same:
            same.append(syllable)
    return {letters: tuple(marked) for letters, marked in found.items()}


FAMILY = _by_letters(_FAMILY)
MIDDLE = _by_letters(_MIDDLE)
GIVEN = _by_letters(_GIVEN)
# After these alone a name is not yet whole: "Nguyễn Văn" waits for the given name.
ONLY_MIDDLE = frozenset({"van", "thi", "huu", "dinh"})


def propose(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return at most two marked spellings of a name given as its words, likeliest first.

        The second differs from the first in one word: the given name if it has another spelling,
        else a middle name (văn and thị have no other). Words keep their place;
    a name of one word is taken as a given name.
    """
    found = [_spellings(word, at, len(words)) for at, word in enumerate(words)]
    first = [spellings[0] for spellings in found]
    proposals = [" ".join(first)]
    for at in range(len(words) - 1, 0, -1):
        if len(found[at]) > 1 and fold(words[at]) not in ONLY_MIDDLE:
            proposals.append(" ".join([*first[:at], found[at][1], *first[at + 1 :]]))
            break
    changed = proposals[0].casefold() != " ".join(words).casefold() or len(proposals) > 1
    return tuple(proposals) if changed else ()


def _spellings(word: str, at: int, count: int) -> tuple[str, ...]:
    table = GIVEN if at == count - 1 else FAMILY if at == 0 else MIDDLE
    known = table.get(fold(word))
    return known if known else (word[:1].upper() + word[1:],)
