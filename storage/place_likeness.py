"""How alike a mistyped query is to the names of communes.

token_set_ratio gathers candidates, whatever the order of words, and the letters without spaces
decide; WRatio was measured to put Hoàn Kiếm above Hải Châu for "hai chau" and is not used.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from dialogs.places import Commune
from storage.place_query import Word, join_marked, join_plain, read_words

_LEAST_LIKENESS = 82  # of 100: one wrong letter in six
_LEAST_LIKENESS_SHORT = 86  # of up to 5 letters
_LEAST_LIKENESS_MARKED = 65  # where diacritics were typed, they count as letters
_CANDIDATES = 30
LEAST_LETTERS = 4  # below, a mistake cannot be told from another name


@dataclass(frozen=True, slots=True)
class Text:
    """A commune's folded name and province, as mistyped queries are compared with them."""

    code: str
    name: str
    province: str
    marked: str

    @staticmethod
    def of(commune: Commune) -> "Text":
        """Return the texts of `commune`, folded and with diacritics."""
        name, province = (
            " ".join(w.folded for w in read_words(text))
            for text in (commune.name, commune.province.name)
        )
        return Text(commune.code, name, province, join_marked(read_words(commune.name)))

    def likeness(self, typed: str, marked: str) -> int:
        """How alike the unspaced `typed` is to the name, with or without province, 0 to 100.

        `marked` is the same with diacritics; where it has some, 0 for a name with quite others.
        """
        if marked != typed and fuzz.ratio(marked, self.marked) < _LEAST_LIKENESS_MARKED:
            return 0
        name, province = self.name.replace(" ", ""), self.province.replace(" ", "")
        return int(max(fuzz.ratio(typed, t) for t in (name, name + province, province + name)))


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of the country or of one province, laid out for rapidfuzz."""

    texts: tuple[Text, ...]
    unspaced: tuple[str, ...]
    spaced: tuple[str, ...]

    @staticmethod
    def of(texts: Iterable[Text]) -> "Texts":
        """Lay out `texts`; positions are the same in all three."""
        kept = tuple(texts)
        return Texts(
            kept,
            tuple(t.name.replace(" ", "") for t in kept),
            tuple(f"{t.name} {t.province}" for t in kept),
        )

    def alike(self, words: Sequence[Word]) -> Iterator[tuple[str, int]]:
        """Yield (commune code, likeness) of every text that `words` may be a misspelling of."""
        typed, unspaced = " ".join(w.folded for w in words), join_plain(words)
        marked = join_marked(words)
        by_words = process.extract(
            typed, self.spaced, scorer=fuzz.token_set_ratio, limit=_CANDIDATES, score_cutoff=70
        )
        by_letters = process.extract(
            unspaced, self.unspaced, scorer=fuzz.ratio, limit=_CANDIDATES, score_cutoff=70
        )
        for at in {found[2] for found in (*by_words, *by_letters)}:
            likeness = self.texts[at].likeness(unspaced, marked)
            if likeness >= (_LEAST_LIKENESS if len(unspaced) > 5 else _LEAST_LIKENESS_SHORT):
                yield self.texts[at].code, likeness


def is_mistyped_type_word(word: Word) -> bool:
    """Whether `word` is "phường" with a slip ("phuog")."""
    return len(word.folded) > 3 and fuzz.ratio(word.folded, "phuong") > 85
