"""Raw Telex and VNI ("nguyeenx", "nguye6n4"): what the keys meant when nobody was listening.

A word is rebuilt only into a real Vietnamese syllable, so ordinary words without marks
("Nguyen Van Toan") and foreign ones ("Foo") stay as they are.
"""

import re
import unicodedata

from dialogs.folding import fold

_ONSET_TABLE = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x"
_RIME_TABLE = """
a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
e ec em en eng eo ep et ê êch êm ên ênh êp êt êu i ia iê ich iêc iêm iên iêng iêp iêt iêu im in
inh ip it iu o oa oac oach oai oam oan oang oanh oao oat oay oăc oăm oăn oăng oăt oc oe oen oeo
oet oi om on ong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uân uâng uât uây uc uê uêch
uênh ui um un ung uơ up ut uôc uôi uôm uôn uông uôt uy uya uych uyên uyêt uynh uyt uyu ư ưa ưc
ưi ưm ưn ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu y yêm yên yêt yêu yn ym ynh yt
"""
_ONSETS = frozenset(("", *_ONSET_TABLE.split()))
_RIMES = frozenset(_RIME_TABLE.split())
_PLAIN_RIMES = frozenset(fold(rime) for rime in _RIMES)
_TONES = {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
_VNI_TONES = {"1": "s", "2": "f", "3": "r", "4": "x", "5": "j"}
_VNI_QUALITIES = {"6": ("aâ", "eê", "oô"), "7": ("oơ", "uư"), "8": ("aă",), "9": ("dđ",)}
_VOWELS = "aăâeêioôơuưy"
_MARKED = "ăâêôơư"
_SPLIT = re.compile(rf"([^{_VOWELS}]*)([{_VOWELS}]+)([^{_VOWELS}]*)")
_MAX = 9  # keys: the longest syllable, "nghieengj", has no more


def rebuild(word: str) -> str | None:
    """Return the syllable that the keys of `word` mean, lower case, in the old spelling of tones.

    None when `word` is a plain syllable already or the keys make none.
    """
    keys = word.casefold()
    if not 2 <= len(keys) <= _MAX or not keys.isascii() or is_plain_syllable(keys):
        return None
    return _from_vni(keys) if re.search(r"\d", keys) else _from_telex(keys)


def is_plain_syllable(word: str) -> bool:
    """Tell whether `word` can be a Vietnamese syllable whose marks were left out."""
    return any(word[: len(o)] == o and word[len(o) :] in _PLAIN_RIMES for o in map(fold, _ONSETS))


def _from_telex(keys: str) -> str | None:
    letters, tone = "", ""
    for key in keys:
        if key in _TONES and any(c in _VOWELS for c in letters):
            if tone:
                return None
            tone = key
        elif key == "w":
            horned = _with_horn(letters)
            letters = letters + "ư" if horned is None else horned
        elif key in "aeo" and (at := letters.rfind(key)) >= 0:
            letters = letters[:at] + {"a": "â", "e": "ê", "o": "ô"}[key] + letters[at + 1 :]
        elif key == "d" and letters.startswith("d"):
            letters = "đ" + letters[1:]
        else:
            letters += key
    return _syllable(letters, tone)


def _with_horn(letters: str) -> str | None:
    """Put horn or breve where "w" puts it: uo becomes ươ, else the last of a, o, u."""
    if "uo" in letters:
        return letters.replace("uo", "ươ", 1)
    at = max(letters.rfind(c) for c in "aou")
    if at < 0:
        return None
    return letters[:at] + {"a": "ă", "o": "ơ", "u": "ư"}[letters[at]] + letters[at + 1 :]


def _from_vni(keys: str) -> str | None:
    letters, tone = "", ""
    for key in keys:
        if key in _VNI_TONES and letters:
            if tone:
                return None
            tone = _VNI_TONES[key]
        elif key == "7" and "uo" in letters:
            letters = letters.replace("uo", "ươ", 1)
        elif key in _VNI_QUALITIES:
            pairs = _VNI_QUALITIES[key]
            swaps = [(letters.rfind(p[0]), p[1]) for p in pairs if p[0] in letters]
            if not swaps:
                return None
            at, marked = max(swaps)
            letters = letters[:at] + marked + letters[at + 1 :]
        elif key.isdigit():
            return None
        else:
            letters += key
    return _syllable(letters, tone)


def _syllable(letters: str, tone: str) -> str | None:
    """Return the syllable with its tone in the old place (hòa, thủy), None when it is none."""
    letters = letters.replace("ưo", "ươ")
    onset = max((o for o in _ONSETS if letters.startswith(o)), key=len)
    if letters[len(onset) :] not in _RIMES:
        onset = onset[:-1] if onset in ("gi", "qu") else onset
    rime = letters[len(onset) :]
    if (
        rime not in _RIMES
        or onset not in _ONSETS
        or (rime[-1] in "cpt" and tone in ("f", "r", "x"))
    ):
        return None
    if rime.endswith("ch") and tone in ("f", "r", "x"):
        return None
    match = _SPLIT.fullmatch(rime)
    if not match or not tone:
        return letters if match else None
    before, vowels, coda = match.groups()
    at = _tone_place(vowels, bool(coda))
    toned = vowels[: at + 1] + _TONES[tone] + vowels[at + 1 :]
    return unicodedata.normalize("NFC", onset + before + toned + coda)


def _tone_place(vowels: str, closed: bool) -> int:
    marked = [i for i, c in enumerate(vowels) if c in _MARKED]
    if marked:
        return marked[-1]
    if len(vowels) == 3:
        return 1
    return 1 if len(vowels) == 2 and closed else 0
