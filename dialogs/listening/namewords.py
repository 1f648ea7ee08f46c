"""Words around a name that are not the name: "tên tôi là", "sinh năm", "ạ", and when they are."""

import re

from dialogs.folding import fold
from dialogs.listening import syllables
from dialogs.listening.spelling import Phrase, Word, Words, phrases, read_words, same
from dialogs.listening.years import read_spoken_year

_LEAD_INS = sorted(
    phrases(
        "tên tôi là | tôi tên là | tôi tên | tôi là | tên là | tên | họ và tên là | họ và tên | "
        "họ tên là "
        "| họ tên | tên họ | mình tên là | mình tên | mình là | em tên là | em tên | em là | tui "
        "tên là "
        "| tui tên | tui là | cháu tên là | cháu tên | cháu là | bác tên là | bác tên | bác là | "
        "cô tên "
        "| cô là | chú tên | chú là | con tên là | con tên | con là | dạ | thưa | vâng | xin "
        "chào | chào "
        "| my name is | i am | i'm | name is | full name | name | là | chủ hộ | chủ hộ là"
    ),
    key=len,
    reverse=True,
)
_TITLES = Words("ông bà anh chị cô chú bác")
# These before a year belong to the year, whatever stands before them.
_CUES = sorted(
    phrases(
        "sinh vào năm | sinh năm | năm sinh | sinh ngày | ngày sinh | ngày tháng năm sinh | sn | "
        "ns | s n "
        "| n s | sinh vào | tuổi là | born in | born | dob | date of birth | sinh tháng | sinh "
        "nam là"
    ),
    key=len,
    reverse=True,
)
# These are given names too (Năm, Nam, Sinh, Tuổi).
_CUES_OR_NAMES = phrases("năm | sinh | tuổi | ngày | year")
_TAILS = Words("ạ nhé nha nhá nghen nhen hén")
_PARTS = re.compile(r"[^\s,;:()\-–]+")


def is_whole(name: str) -> bool:
    """Tell whether `name` can end here: two words or more, the last not "văn" or "thị"."""
    words = _PARTS.findall(cut_lead_in(name))
    return len(words) >= 2 and fold(words[-1]) not in syllables.ONLY_MIDDLE


def cut_lead_in(text: str) -> str:
    """Return `text` without "tên tôi là" and the like, and without ông or bà before a family "
    "name."""
    words = list(_PARTS.finditer(text))
    begin = 0
    while begin < len(words):
        taken = _lead_in([m[0] for m in words[begin:]])
        if not taken:
            break
        begin += taken
    return text[words[begin].start() :].strip(" ,;:-–") if begin < len(words) else ""


def _lead_in(raw: list[str]) -> int:
    words = _phrase(raw)
    for phrase in _LEAD_INS:
        if same(words[: len(phrase)], phrase):
            return len(phrase)
    if len(raw) < 2 or words[0] not in _TITLES:
        return 0
    whole = len(raw) > 2 and words[1].base in syllables.FAMILY
    return 1 if whole or (raw[0].islower() and raw[1][0].isupper()) else 0


def cut_tail(text: str) -> str:
    """Return `text` without "ạ" or "nhé" at its end; "nha" without marks goes after three words."""
    words = text.split()
    while len(words) > 1 and _word(words[-1]) in _TAILS:
        marked = fold(words[-1]) != words[-1].casefold()
        rest = " ".join(words[:-1])
        if not marked and (len(words) < 4 or not is_whole(rest)):
            break
        words = words[:-1]
    return " ".join(words)


def cut_cue(text: str) -> tuple[str, bool]:
    """Return what stands before a year without "sinh năm" and the like, and whether that is sure.

    "nguyen van nam 65" keeps "nam": without it the name would end in "van". Where "nam" could be
    either, it is taken as the cue and the reading is not sure.
    """
    words = _PARTS.findall(text.replace(".", " "))
    ends = tuple(_word(w) for w in words)
    for cue in (*_CUES, *_CUES_OR_NAMES):
        n = len(cue)
        if not n <= len(words) or not same(ends[-n:], cue):
            continue
        rest = cut_lead_in(" ".join(words[:-n]))
        if not rest:
            return "", True
        if cue not in _CUES_OR_NAMES:
            if fold(rest.split()[-1]) not in syllables.ONLY_MIDDLE or fold(words[-n]) == "sn":
                return rest, True
        elif is_whole(rest) and not _stands_as_name(words, rest):
            return rest, not ends[-1].bare or fold(words[-1]) != "nam"
    return text.strip(" ,;:-–(."), True


def _stands_as_name(words: list[str], rest: str) -> bool:
    """Whether the last word is written like the name before it, or needed to make it three "
    "words."""
    last, before = words[-1], words[-2]
    titled = last[0].isupper() and before[0].isupper() and not last.isupper()
    return titled or (fold(last) == last.casefold() == "nam" and len(rest.split()) < 3)


def split_spoken_year(text: str) -> tuple[str, int] | None:
    """Part "nguyen thi hoa sinh năm sáu lăm" into what stands before the cue and the two digits."""
    words = _PARTS.findall(text)
    for at in range(len(words) - 1):
        cue = next((c for c in _CUES if same(_phrase(words[at : at + len(c)]), c)), None)
        if cue:
            spoken = read_spoken_year(words[at + len(cue) :])
            return None if spoken is None else (" ".join(words[:at]), spoken)
    return None


def _phrase(words: list[str]) -> Phrase:
    return tuple(_word(w) for w in words)


def _word(raw: str) -> Word:
    """Return `raw` taken apart; what is not one word becomes one that fits nothing."""
    words = read_words(raw)
    return words[0] if len(words) == 1 else Word("", "", "")
