"""How people write provinces: today's and former names, usual short forms, initials."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from dialogs.places import Province
from storage.place_query import Alias, join_marked, join_plain, read_words

# What a short form means to everybody, though the initials would fit other provinces too.
_SHORT_FORMS = {
    "01": ("hn", "hnoi"),
    "79": ("hcm", "hcmc", "sg", "sgn", "sài gòn", "brvt"),
    "31": ("hp", "hphong"),
    "46": ("tth", "thừa thiên huế"),
    "48": ("dng", "dnang"),
    "66": ("đắc lắc",),
    "68": ("đắc nông",),
    "92": ("ct", "ctho"),
}
_TYPE_WORDS = ("tp", "thanhpho", "tinh")


def build_aliases(
    provinces: Iterable[Province], former: Iterable[tuple[str, str]]
) -> Mapping[str, Alias]:
    """Return every way to write a province, unspaced and folded, with the codes it may mean.

    `former` are pairs (name abolished in 2025, code of the province it became part of). Initials
    mean all provinces that have them ("dn": Đà Nẵng, Đồng Nai, Đắk Nông) unless usage has settled
    on one.
    """
    names = [(p.name, p.code) for p in provinces] + list(former)
    settled = {join_plain(read_words(short)) for forms in _SHORT_FORMS.values() for short in forms}
    aliases = {key: alias for name, code in names for key, alias in _spelled(name, code)}
    for initials, codes in _initials(names).items():
        if initials not in settled:
            aliases.update(_with_words(initials, Alias(codes, None)))
    for code, forms in _SHORT_FORMS.items():
        for form in forms:
            aliases.update(_spelled(form, code, short=" " not in form))
    return aliases


def _spelled(name: str, code: str, *, short: bool = False) -> Iterator[tuple[str, Alias]]:
    words = read_words(name)
    key = join_plain(words)
    marked = None if short else join_marked(words)
    yield from _with_words(key, Alias(frozenset({code}), marked, not short and len(key) > 4))


def _with_words(key: str, alias: Alias) -> Iterator[tuple[str, Alias]]:
    yield key, alias
    for word in _TYPE_WORDS:
        yield word + key, Alias(alias.codes, None, alias.may_be_glued)


def _initials(names: Iterable[tuple[str, str]]) -> Mapping[str, frozenset[str]]:
    codes: defaultdict[str, set[str]] = defaultdict(set)
    for name, code in names:
        initials = "".join(word.folded[0] for word in read_words(name))
        if len(initials) > 1:
            codes[initials].add(code)
    return {initials: frozenset(found) for initials, found in codes.items()}
