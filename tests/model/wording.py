"""What people and officers say, in words, and what differs, in words."""

from typing import Any

from tests.model.reference import Book
from tests.model.script import CODES

NAMES = ("Nguyễn Thị Hòa", "Trần Văn Tư", "Lê Thị Bưởi", "Phạm Văn Đức")
WORDS = {
    "continue": "tiếp", "menu": "menu", "status": "kết quả", "why": "vì sao", "help": "trợ giúp",
    "language": "ngôn ngữ", "stop": "ngừng tin", "mydata": "dữ liệu", "erase": "xóa",
    "edit": "sửa", "submit": "nộp", "withdraw": "rút lại", "back": "quay lại",
    "erase all": "xóa hết",
}  # fmt: skip
# What is typed freely: here a word is a command only behind a slash.
FREE = ("name", "place", "village")
NEEDS = {"blurry_photo": "photo", "points_not_true": "answer", "village_confirms": "either"}
REASONS = tuple(NEEDS)
# How a person goes on who only reads what is asked.
ONWARD = {
    "hello": "start", "title": "citizen", "consent": "agree", "village": "unknown",
    "photos": "none", "summary": "submit", "receipt": "no", "supplement": "keep",
    "notice": "see", "farewell": "start",
}  # fmt: skip


def is_told(book: Book, who: str) -> bool:
    """Return whether the notice of a decision on this person's file has left."""
    made = book.people[who]["file"] and book.people[who]["file"]["decided"]
    return bool(made and made["told"])


def difference(should: dict[str, Any], seen: dict[str, Any]) -> str:
    """Return in words where two views of all people differ."""
    lines = []
    for who in should:
        wanted, found = _flat(should[who]), _flat(seen.get(who, {}))
        for key in sorted({*wanted, *found}):
            if wanted.get(key) != found.get(key):
                lines.append(f"{who}.{key} should be {wanted.get(key)}, is {found.get(key)}")
    return "; ".join(lines) or "nothing differs"


def _flat(person: dict[str, Any]) -> dict[str, Any]:
    return {**person, **(person.get("file") or {}), "file": person.get("file") is not None}


def body_of(action: str, arg: Any) -> dict[str, Any]:
    """Return what the API takes beside the version."""
    match action:
        case "return":
            return {"items": [{"criterion": c, "reason": reason} for c, reason in arg]}
        case "reject":
            return {"reason": arg}
        case "score":
            return dict(zip(("criterion", "points", "reason"), arg, strict=True))
    return {}


def known_of(action: str, arg: Any) -> Any:
    """Return what the reference knows of a decision's details."""
    return tuple((c, NEEDS[reason]) for c, reason in arg) if action == "return" else arg


def sentence(action: str, code: str, arg: Any) -> str:
    """Return what an officer types."""
    match action:
        case "open":
            return f"mở {code}"
        case "approve":
            return f"duyệt {code}"
        case "reject":
            return f"chưa đạt {code} {arg}"
        case "return":
            return f"bổ sung {code} " + " ".join(f"câu {CODES.index(c) + 1}" for c, _ in arg)
        case "score":
            return f"chấm {code} câu {CODES.index(arg[0]) + 1} {arg[1]} điểm {arg[2]}"
    return "lấy lại"
