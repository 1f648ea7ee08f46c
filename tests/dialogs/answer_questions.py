"""The questions that the rows of answers are asked at, as in the script."""

from dialogs.answers import Option


def _levels(*rows: tuple[int, str, str]) -> tuple[Option, ...]:
    return tuple(Option(str(i), (vi, en), points) for i, (points, vi, en) in enumerate(rows))


def _choices(*rows: tuple[str, ...]) -> tuple[Option, ...]:
    return tuple(Option(str(i), labels) for i, labels in enumerate(rows))


LEVELS = {
    "A1": _levels(
        (3, "Chưa", "Not yet"),
        (5, "Có nghĩ, chưa bắt đầu", "Thought of it, not begun"),
        (8, "Có, đang học", "Yes, learning now"),
        (10, "Có, đã học được", "Yes, learned it"),
    ),
    "A2": _levels(
        (3, "Chưa", "Not yet"),
        (5, "Có dự, chưa hết", "Went, not to the end"),
        (8, "Học xong 1", "Finished one"),
        (10, "Học xong từ 2", "Finished two or more"),
    ),
    "A3": _levels(
        (3, "Hiếm khi", "Rarely"),
        (6, "Vài lần mỗi tháng", "A few times a month"),
        (8, "Hằng tuần", "Every week"),
        (10, "Hằng ngày", "Every day"),
    ),
    "A4": _levels(
        (3, "Chưa", "Not yet"),
        (6, "Có làm thử", "Tried it"),
        (8, "Có áp dụng", "Put to use"),
        (10, "Áp dụng đều, thấy hiệu quả", "Used regularly, it works"),
    ),
    "B1": _levels(
        (3, "Chưa dùng", "Not used"),
        (5, "Cần người giúp", "With help"),
        (8, "Tự làm việc thường ngày", "Everyday things by myself"),
        (10, "Thạo, chỉ được người khác", "Well, can show others"),
    ),
    "B2": _levels(
        (3, "Chưa làm", "Not done"),
        (5, "Có người làm giúp", "Somebody does it for me"),
        (8, "Tự làm được 1 việc", "One thing by myself"),
        (10, "Làm thường xuyên, biết tránh lừa đảo", "Regularly, I know how to avoid fraud"),
    ),
    "B3": _levels(
        (3, "Chưa", "Not yet"),
        (6, "Đang học", "Learning"),
        (8, "Dùng được", "Can use it"),
        (10, "Dùng tốt hoặc có chứng chỉ", "Use it well, or certified"),
    ),
    "C1": _levels(
        (5, "Để thôn, tổ xác nhận", "Let the village confirm"),
        (6, "Cần cố gắng thêm", "Could do better"),
        (8, "Tốt", "Good"),
        (10, "Tốt, được khen", "Good, commended"),
    ),
    "C2": _levels(
        (3, "Chưa", "Not yet"),
        (6, "1–2 lần", "1–2 times"),
        (8, "Từ 3 lần", "3 times or more"),
        (10, "Hay đứng ra vận động", "Often organise it"),
    ),
    "C3": _levels(
        (3, "Chưa", "Not yet"),
        (6, "Đôi khi", "Sometimes"),
        (8, "Thường xuyên", "Often"),
        (10, "Thường xuyên, nhiều người tìm hỏi", "Often, many people ask me"),
    ),
    "2.3": _levels(
        (3, "Dưới 1/3", "Under 1/3"),
        (5, "Từ 1/3 đến dưới 1/2", "1/3 to under 1/2"),
        (8, "Từ 1/2 đến dưới 2/3", "1/2 to under 2/3"),
        (10, "Từ 2/3", "2/3 or more"),
    ),
}
CHOICES = {
    "start": _choices(("Bắt đầu", "Begin"), ("Tôi ở nơi khác", "I live elsewhere"), ("English",)),
    "yes_no": _choices(("Có", "Yes"), ("Không", "No")),
    "correct": _choices(("Đúng", "Correct"), ("Gõ lại", "Type again"), ("Để cán bộ sửa",)),
    "spelling": _choices(
        ("Nguyễn Thị Hoa",), ("Nguyễn Thị Hòa",), ("Gõ lại",), ("Để cán bộ sửa giúp",)
    ),
    "summary": _choices(("Nộp",), ("Sửa một câu",), ("Thêm ảnh",), ("Để sau",)),
    "photos": _choices(("Để sau", "Later"), ("Không có ảnh", "No photo")),
    "reasons": _choices(
        ("Ảnh mờ",), ("Ảnh không đúng nội dung",), ("Thiếu tên, ngày",),
        ("Chờ thôn/tổ xác nhận",), ("Điểm chưa sát thực tế",), ("Ghi lý do",),
    ),
    "village": _choices(
        ("Thôn 1 (Hòa Tiến cũ)",), ("Thôn 1 (Hòa Khương cũ)",), ("Không rõ, để cán bộ ghi",)
    ),
    "years": _choices(("1966",), ("1965",), ("1967",), ("Gõ lại", "Type again")),
}  # fmt: skip
CONSENT = {
    "consent": _choices(
        ("Đồng ý", "I agree"), ("Không đồng ý", "I do not agree"), ("Đọc kỹ", "Read more")
    ),
}
QUESTIONS = LEVELS | CHOICES | CONSENT
