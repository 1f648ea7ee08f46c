"""Yes and no in all their shapes: North, Centre, South, chat short forms, a thumb."""

from dataclasses import dataclass

from dialogs.listening import wordlists
from dialogs.listening.spelling import Phrase, is_any, is_hostile, read_words, strip

_MAX = 80
_SIGN_DRESS = {"\ufe0f", "\u200d"} | {chr(c) for c in range(0x1F3FB, 0x1F400)}


@dataclass(frozen=True, slots=True)
class Said:
    """What was said: `yes` or no; `clear` enough for consent; `sure` or a guess from a sentence."""

    yes: bool
    clear: bool
    sure: bool = True


def read_yes_no(text: str) -> bool | None:
    """Return True for yes, False for no, None when it is neither or only a guess; never raises."""
    said = read_said(text)
    return said.yes if said and said.sure else None


def read_said(text: str) -> Said | None:
    """Return what kind of yes or no `text` is, None when it is neither; never raises."""
    if len(text) > _MAX or is_hostile(text):
        return None
    signs = {c for c in text if c not in _SIGN_DRESS and not c.isspace()}
    if signs and signs <= set(wordlists.YES_SIGNS):
        return Said(True, clear=False)
    if signs and signs <= set(wordlists.NO_SIGNS):
        return Said(False, clear=False)
    if "?" in text:
        return None
    return _by_words(_without_echo(read_words(text)))


def _without_echo(words: Phrase) -> Phrase:
    """Drop a word said twice in a row ("ừ ừ") and spell short forms out."""
    full = [wordlists.SHORT_FORMS.get(w, w) for w in words]
    return tuple(w for i, w in enumerate(full) if i == 0 or w != full[i - 1])


def _by_words(words: Phrase) -> Said | None:
    tables = (
        (wordlists.CLEAR_NO, Said(False, clear=True)),
        (wordlists.CLEAR_YES, Said(True, clear=True)),
        (wordlists.SOFT_NO, Said(False, clear=False)),
        (wordlists.SOFT_YES, Said(True, clear=False)),
    )
    for typed in dict.fromkeys((words, strip(words, wordlists.POLITE))):
        for table, said in tables:
            if is_any(typed, table):
                return said
    return _guess(strip(words, wordlists.POLITE))


def _guess(words: Phrase) -> Said | None:
    """Guess from the first word of a short sentence that says nothing against it later."""
    if not 2 <= len(words) <= 5:
        return None
    if is_any(words[:1], wordlists.CLEAR_NO) and not any(
        w in wordlists.NEGATIONS for w in words[1:]
    ):
        return Said(False, clear=False, sure=False)
    says_yes = is_any(words[:1], wordlists.CLEAR_YES) or is_any(words[:2], wordlists.CLEAR_YES)
    if says_yes and not any(w in wordlists.NEGATIONS for w in words):
        return Said(True, clear=False, sure=False)
    return None
