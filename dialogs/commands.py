"""Words that are commands in any channel, and what they name.

The words are those of the contract page ("Words a person may type"). A word typed without marks
counts; where marks are typed they must be right, so nobody called Mơ opens a file.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from dialogs.folding import compose, fold, has_diacritics
from dialogs.listening.numerals import plain_digits, word_value
from dialogs.listening.spelling import Phrase, Words, phrases, read_words, same, strip
from dialogs.receipts import BODY_LENGTH, TAIL_LENGTH, read_code, read_ending

Audience = Literal["citizen", "officer"]
CommandName = Literal[
    "start", "menu", "help", "back", "status", "why", "submit", "edit", "withdraw", "continue",
    "language", "stop_messages", "mydata", "erase", "cancel", "link", "unlink",
    "queue", "open", "approve", "return", "reject", "score", "stats", "undo", "login", "join",
    "name", "village",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Command:
    """A command: `code` in capitals as written on the receipt or its ending, `argument` as typed.

    `argument` of edit is "name" or "place" where such a line of the summary is meant.
    `number` is the one question meant by edit and score, `numbers` all those of return, `points`
    whole points of score. What was left out is None or empty: ask for it. The code of join is
    in `code` in capitals and in `argument` as typed; link has its digits or long word in
    `argument`.
    """

    name: CommandName
    argument: str = ""
    number: int | None = None
    numbers: tuple[int, ...] = ()
    code: str | None = None
    points: int | None = None


_CITIZEN: Mapping[CommandName, str] = {
    "start": "bắt đầu | start",
    "menu": "menu",
    "help": "trợ giúp | giúp | help",
    "back": "quay lại | back",
    "status": "kết quả | kq | trạng thái | status | xong chưa | duyệt chưa | có kết quả chưa",
    "why": "vì sao | why",
    "submit": "nộp | submit",
    "edit": "sửa câu | sửa | edit",
    "withdraw": "rút lại | rút phiếu | withdraw",
    "continue": "tiếp | tiếp tục | làm tiếp | continue",
    "language": "ngôn ngữ | language",
    "stop_messages": "ngừng tin | ngừng nhận tin | stop",
    "mydata": "dữ liệu | mydata | my data | data",
    "erase": "xóa | xóa dữ liệu | erase",
    "cancel": "hủy | hủy bỏ | cancel",
    "link": "nối | nối kênh | liên kết | link",
    "unlink": "bỏ nối | unlink",
    "join": "tham gia | join",
    "login": "đăng nhập | login",
}
_OFFICER: Mapping[CommandName, str] = {
    "queue": "hồ sơ chờ | phiếu chờ | hàng đợi | queue",
    "open": "mở | mở phiếu | open",
    "approve": "duyệt | duyệt phiếu | approve",
    "return": "yêu cầu bổ sung | bổ sung | trả lại | return",
    "reject": "chưa đạt | reject",
    "score": "chấm | chấm điểm | score",
    "stats": "thống kê | stats",
    "undo": "lấy lại | undo",
    "name": "sửa tên | name",
    "village": "ghi thôn | ghi tổ | ghi ấp | ghi bản | ghi buôn | ghi khóm | ghi làng | village",
}
# Lines of the summary beside the questions, as a person names them after "sửa".
_LINES = tuple(
    (line, phrase)
    for line, said in (
        ("name", "tên | họ tên | năm sinh | họ tên năm sinh | name | year"),
        ("place", "nơi ở | chỗ ở | địa chỉ | thôn | tổ | xã | phường | place | village"),
    )
    for phrase in phrases(said)
)
_OF_A_FILE: Collection[CommandName] = (
    "open", "approve", "return", "reject", "score", "name", "village",
)  # fmt: skip
_AROUND = Words(
    " ".join(("xem cho muốn", "dạ ạ thưa nhé nha nhá nghen hen đi luôn em cháu tôi tui"))
)
_MAX = 1000  # characters; a note to a citizen is never longer
_WORD = re.compile(r"[^\W\d_]+|\d+")
_QUESTION = r"(?:(?:câu|cau|question|c|q)\s*(?:số|so)?\s*)"
_EDIT = re.compile(rf"(?:lại\s+|lai\s+)?{_QUESTION}?(?:số\s+|so\s+)?(\w+)\W*", re.IGNORECASE)
_LONG_WORD = re.compile(r"(?:\S*#join=)?([0-9a-f]{32})")
_SIX_DIGITS = re.compile(r"\d{6}")
_NUMBERS = re.compile(
    rf"{_QUESTION}\d{{1,3}}\b(?:\s*(?:[,;+&]|và|va|and)?\s*{_QUESTION}?\d{{1,3}}\b)*", re.IGNORECASE
)
_BARE_NUMBERS = re.compile(r"\d{1,3}(?:[\s,;+&]+\d{1,3})*\W*")
_SCORE = re.compile(
    rf"{_QUESTION}?(?P<number>\d{{1,3}})\b\s*[:=,;]?\s*"
    r"(?:(?:còn|con|được|duoc|xuống|lên)\s+)?"
    r"(?:(?P<points>\d{1,3})(?![.,]?\d)\s*(?:/\s*\d+)?\s*(?:(?:điểm|diem|points?|đ|d)\b)?)?"
    r"[\s.,;:]*(?P<why>.*)",
    re.IGNORECASE | re.DOTALL,
)


Rows = tuple[tuple[Phrase, CommandName], ...]


def names_of(audience: Audience) -> frozenset[CommandName]:
    """Return the commands that are this audience's own (an officer may say the others too)."""
    return frozenset(_CITIZEN if audience == "citizen" else _OFFICER)


def _table(*sources: Mapping[CommandName, str]) -> Rows:
    rows = (
        (p, name) for source in sources for name, words in source.items() for p in phrases(words)
    )
    return tuple(sorted(rows, key=lambda row: -len(row[0])))


def _by_first_word(rows: Rows) -> Mapping[str, Rows]:
    first = {phrase[0].base for phrase, _ in rows}
    return {base: tuple(row for row in rows if row[0][0].base == base) for base in first}


_TABLES = {"citizen": _table(_CITIZEN), "officer": _table(_OFFICER, _CITIZEN)}
_STARTING = {audience: _by_first_word(rows) for audience, rows in _TABLES.items()}


def read_command(
    text: str, audience: Audience, *, free_text: bool, named: Collection[str] = ()
) -> Command | None:
    """Return the command that `text` is, or None when it is an answer; never raises.

    `free_text`: the question takes any text, so only `/word`, a lone "0" or "?", or a command in
    `named` (its name or one of its words, as the screen shows it) counts. At a level question let
    `understand` see a lone "0" first. An officer may say all that a citizen may.
    """
    if len(text) > _MAX or (text.isascii() and text.isdigit() and text != "0"):
        return None
    typed = compose(text)
    slashed = typed.startswith("/")
    body = typed.lstrip("/").strip()
    if body and not body.strip("?？"):
        return Command("help")
    if plain_digits(body) == "0":
        return Command("back")
    if slashed:
        head, _, rest = body.partition(" ")
        head = head.partition("@")[0].replace("_", " ")
        return _read(f"{head} {rest}".strip(), audience) or _read_unspaced(head, rest, audience)
    if free_text:
        said = _read_named(body, audience, named) if named else None
        return said or _read_linking(body, audience)
    return _read(body, audience)


def _read_linking(body: str, audience: Audience) -> Command | None:
    """Return "nối 123456", which is nobody's name and no place; None for anything else."""
    command = _read(body, audience) if re.search(r"\d", body) else None
    known = command is not None and command.name == "link"
    return command if known and command and _is_linking_word(command.argument) else None


def _is_linking_word(word: str) -> bool:
    return bool(_SIX_DIGITS.fullmatch(word) or _LONG_WORD.fullmatch(word))


def _read_named(body: str, audience: Audience, named: Collection[str]) -> Command | None:
    said = read_words(body)
    command = _read(body, audience)
    words = [phrase for phrase, name in _TABLES[audience] if name in named]
    words += [read_words(word) for word in named if word not in _CITIZEN and word not in _OFFICER]
    return command if command and any(same(said[: len(w)], w) for w in words if w) else None


def _read(body: str, audience: Audience) -> Command | None:
    """Read spaced words: first the whole as one command, then a command with what follows it."""
    words = read_words(body)
    for whole in dict.fromkeys((words, strip(words, _AROUND))):
        for phrase, name in _STARTING[audience].get(whole[0].base, ()) if whole else ():
            if same(whole, phrase):
                return Command(name)
    ends = [m.end() for m in _WORD.finditer(body)]
    for phrase, name in _STARTING[audience].get(words[0].base, ()) if words else ():
        n = len(phrase)
        if len(words) > n and same(words[:n], phrase):
            command = _with_rest(name, body[ends[n - 1] :].lstrip(" :,-–"))
            if command:
                return command
    return None


def _read_unspaced(head: str, rest: str, audience: Audience) -> Command | None:
    """Read the one-word form of a slash command: /dulieu, /hosocho, /suaten 2M ..."""
    for phrase, name in _TABLES[audience]:
        for alias in phrases({**_CITIZEN, **_OFFICER}[name]):
            if alias == phrase and _is_run_together(head, name, phrase):
                return _with_rest(name, rest) if rest else Command(name)
    return None


def _is_run_together(head: str, name: CommandName, phrase: Phrase) -> bool:
    spelled = {**_CITIZEN, **_OFFICER}[name].split("|")
    wanted = [a.replace(" ", "") for a in spelled if read_words(a) == phrase]
    seen = head.replace(" ", "")
    form = compose(seen).casefold() if has_diacritics(seen) else fold(seen)
    return any(form == (a.casefold() if has_diacritics(seen) else fold(a)) for a in wanted)


def _with_rest(name: CommandName, rest: str) -> Command | None:
    """Return the command with what was typed after its word, None when it takes no such thing."""
    if name == "start":
        return Command(name, argument=rest) if re.fullmatch(r"[\w=-]{1,64}", rest) else None
    if name == "edit":
        return _edit(rest)
    if name == "join":
        is_code = re.fullmatch(r"[0-9A-Za-z_-]{6,64}", rest) and (
            rest.isupper() or any(c.isdigit() for c in rest)
        )
        return Command(name, argument=rest, code=rest.upper()) if is_code else None
    if name == "link":
        return _link(rest)
    if name not in _OF_A_FILE:
        return None
    code, rest = _take_code(rest)
    if name == "return":
        return _return(code, rest)
    if name == "score":
        return _score(code, rest)
    return Command(name, argument=rest, code=code)


def _take_code(rest: str) -> tuple[str | None, str]:
    """Split a receipt code or its ending off the front; spaces inside a code are allowed.

    Something with a digit that is no code is given as typed, in capitals, to be looked up in vain.
    """
    tokens = rest.split(" ")
    for n in range(min(4, len(tokens)), 0, -1):
        whole = read_code(" ".join(tokens[:n]))
        if whole:
            return whole, " ".join(tokens[n:])
    first, after = tokens[0].strip("…,.:;\"“”'"), " ".join(tokens[1:])
    is_body = len(first) == BODY_LENGTH and len(tokens) > 1 and len(tokens[1]) == TAIL_LENGTH
    if is_body and not tokens[1].isdigit() and (both := read_ending(first + tokens[1])):
        return both, " ".join(tokens[2:])
    if ended := read_ending(first):
        return ended, after
    looks_like = re.fullmatch(r"[0-9A-Za-z-]{2,20}", first) and re.search(r"\d", first)
    return (first.upper(), after) if looks_like else (None, rest)


def _link(rest: str) -> Command | None:
    """Return the command with its digits ("123 456" too), or the long word of a whole link."""
    if long := _LONG_WORD.fullmatch(rest.strip()):
        return Command("link", argument=long[1])
    digits = re.sub(r"[\s.-]", "", plain_digits(rest))
    return Command("link", argument=digits) if re.fullmatch(r"[0-9]{2,12}", digits) else None


def _edit(rest: str) -> Command | None:
    words = read_words(rest)
    for line, phrase in _LINES:
        if same(words, phrase):
            return Command("edit", argument=line)
    match = _EDIT.fullmatch(rest)
    words = read_words(match[1]) if match else ()
    number = word_value(words[0]) if len(words) == 1 else None
    return Command("edit", number=number) if number else None


def _return(code: str | None, rest: str) -> Command:
    match = _NUMBERS.match(rest) or _BARE_NUMBERS.fullmatch(rest)
    if not match:
        return Command("return", argument=rest, code=code)
    numbers = tuple(dict.fromkeys(int(n) for n in re.findall(r"\d+", match[0])))
    note = rest[match.end() :].lstrip(" :,;.-–")
    return Command("return", argument=note, numbers=numbers, code=code)


def _score(code: str | None, rest: str) -> Command:
    match = _SCORE.fullmatch(rest)
    if not match:
        return Command("score", argument=rest, code=code)
    points = match["points"]
    return Command(
        "score",
        argument=match["why"],
        number=int(match["number"]),
        code=code,
        points=int(points) if points else None,
    )
