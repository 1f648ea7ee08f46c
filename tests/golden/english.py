"""What a person types in the English transcripts for the Vietnamese words of a script."""

import re

WORDS = {
    "hồ sơ chờ": "queue",
    "mở": "open",
    "mo": "open",
    "duyệt": "approve",
    "duyet": "approve",
    "bổ sung": "return",
    "bo sung": "return",
    "chưa đạt": "reject",
    "chấm": "score",
    "câu": "question",
    "thống kê": "stats",
    "lấy lại": "undo",
    "sửa tên": "name",
    "ghi thôn": "village",
    "ghi tổ": "village",
    "ngôn ngữ": "language",
    "trợ giúp": "help",
    "quay lại": "back",
    "bắt đầu": "start",
    "tiếp": "continue",
    "kết quả": "status",
    "ket qua": "status",
    "kq": "status",
    "xong chưa": "status",
    "vì sao": "why",
    "vi sao": "why",
    "nộp": "submit",
    "nop": "submit",
    "sửa câu": "edit",
    "sửa nơi ở": "edit place",
    "sửa": "edit",
    "rút lại": "withdraw",
    "dữ liệu": "my data",
    "xóa hết": "erase all",
    "xoa het": "erase all",
    "xóa": "erase",
    "hủy": "cancel",
    "ngừng tin": "stop",
    "vẫn nối": "link anyway",
    "bỏ nối": "unlink",
    "nối": "link",
    "noi": "link",
    "tham gia": "join",
    "đăng nhập": "login",
    "không có gì thêm": "I have nothing to add",
    "có giấy chứng nhận 1 lớp": "a certificate of one class",
    "Mới có 56 điểm, cần 80": "56 points so far, 80 needed",
    "Gửi thêm ảnh trang có chữ ký": "Please add the signed page",
    "nhầm người": "the wrong person",
    "còn thiếu": "something is missing",
}
_KNOWN = re.compile(
    r"\b(?:" + "|".join(sorted(map(re.escape, WORDS), key=len, reverse=True)) + r")\b"
)
# A place, a name, an answer in Vietnamese is typed in Vietnamese by everybody.
_COMMAND = re.compile(rf"/?(?:{_KNOWN.pattern})")


def in_english(text: str) -> str:
    """Return the English words for a command, with what follows it; other texts stay."""
    if not _COMMAND.match(text):
        return text
    return _KNOWN.sub(lambda found: WORDS[found[0]], text)
