"""The figures of a place in the words of the API, and what of them is too small to be told."""

from collections.abc import Mapping
from dataclasses import dataclass

from dialogs.figures import NONE, Figures, list_hidden, total
from dialogs.places import commune_label, commune_name, province_label, village_label
from dialogs.rights import Level, commune_of, place_level
from dialogs.screen import Msg, Text
from handlers.admin import schemas as s
from handlers.admin.words import texts
from handlers.i18n import Words
from handlers.parts import Parts
from storage import places, sums
from storage.database import Connection
from storage.sums import Sums, Wanted

# Everything: what only whoever runs the installation may ask for.
COUNTRY = "vn"
# The key of what a commune has and none of its villages: the villages people typed.
UNMAPPED = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """A place with the names of its parts by code, and what each of them has of each title."""

    level: Level | None
    name: Text
    names: Mapping[str, Text]
    sums: Sums


async def read_summary(
    connection: Connection, parts: Parts, code: str, wanted: Wanted, *, exact: bool
) -> s.PlaceSummary | None:
    """Return the figures of a place and its parts; None for a code nothing has.

    Where not `exact`, villages with small counts are hidden.
    """
    if code == COUNTRY:
        tally: Tally | None = await _country(connection, parts, wanted)
    elif place_level(code) == "province":
        tally = await _province(connection, parts, code, wanted)
    else:
        tally = await _commune(connection, parts, code, wanted)
    if tally is None or (place_level(code) == "village" and code not in tally.names):
        return None
    hides = tally.level == "commune" and not exact
    asked = [wanted.title] if wanted.title else sorted(tally.sums)
    lines = {title: _lines(tally, title) for title in asked}
    hidden = {t: list_hidden(found) if hides else frozenset[str]() for t, found in lines.items()}
    if place_level(code) == "village":
        return _village(parts.words, tally, code, wanted, lines, hidden)
    titles = [_title(parts.words, tally, title, lines[title], hidden[title]) for title in asked]
    level = tally.level or "country"
    return _summary(parts.words, code, tally.name, level, wanted, titles)


async def _country(connection: Connection, parts: Parts, wanted: Wanted) -> Tally:
    names = {p.code: province_label(p) for p in parts.index.provinces()}
    found = await sums.list_provinces(connection, list(names), wanted)
    return Tally(None, Msg("place.country"), names, found)


async def _province(
    connection: Connection, parts: Parts, code: str, wanted: Wanted
) -> Tally | None:
    province = parts.index.province(code)
    if province is None:
        return None
    names = {c.code: commune_name(c) for c in parts.index.communes(code)}
    found = await sums.list_parts(connection, code, wanted)
    return Tally("province", province_label(province), {**_codes(found), **names}, found)


async def _commune(connection: Connection, parts: Parts, code: str, wanted: Wanted) -> Tally | None:
    """Return the tally of a commune, also for a code of one of its villages."""
    commune = parts.index.get(commune_of(code) or "")
    if commune is None:
        return None
    whole = await sums.list_place(connection, commune.code, wanted)
    found = await sums.list_parts(connection, commune.code, wanted)
    standing = await places.list_villages(connection, commune.code)
    names: dict[str, Text] = {v.code: village_label(v) for v in standing}
    if _codes(found).keys() - names.keys():
        # Villages that are no more still have what was declared in them.
        gone = await sums.list_names(connection, commune.code)
        names = {**_codes(found), **{c: gone[c] for c in _codes(found) if c in gone}, **names}
    for title, figures in whole.items():
        mapped = found.setdefault(title, {})
        mapped[UNMAPPED] = total(figures) - total(mapped)
    listed = {c: names[c] for c in sorted(names)}
    named = {**listed, UNMAPPED: Msg("place.unmapped")}
    return Tally("commune", commune_label(commune), named, found)


def _codes(found: Sums) -> dict[str, Text]:
    """Return every place that has figures, named by its code."""
    return {code: code for parted in found.values() for code in parted}


def _lines(tally: Tally, title: str) -> dict[str, Figures]:
    found = tally.sums.get(title, {})
    return {code: found.get(code, NONE) for code in tally.names}


def _title(
    words: Words, tally: Tally, title: str, lines: Mapping[str, Figures], hidden: frozenset[str]
) -> s.TitleSummary:
    parts = [
        s.PartSummary(
            place=code or None,
            name=texts(words, tally.names[code]),
            suppressed=code in hidden,
            figures=None if code in hidden else to_figures(figures),
        )
        for code, figures in lines.items()
    ]
    return s.TitleSummary(
        title=title, suppressed=False, figures=to_figures(total(lines)), parts=parts
    )


def _village(
    words: Words,
    tally: Tally,
    code: str,
    wanted: Wanted,
    lines: Mapping[str, Mapping[str, Figures]],
    hidden: Mapping[str, frozenset[str]],
) -> s.PlaceSummary:
    titles = [
        s.TitleSummary(
            title=title,
            suppressed=code in hidden[title],
            figures=None if code in hidden[title] else to_figures(found[code]),
            parts=[],
        )
        for title, found in lines.items()
    ]
    return _summary(words, code, tally.names[code], "village", wanted, titles)


def _summary(
    words: Words,
    code: str,
    name: Text,
    level: s.SummaryLevel,
    wanted: Wanted,
    titles: list[s.TitleSummary],
) -> s.PlaceSummary:
    return s.PlaceSummary(
        place=code,
        name=texts(words, name),
        level=level,
        period=wanted.period,
        demo=wanted.demo,
        titles=titles,
    )


def to_figures(figures: Figures) -> s.PlaceFigures:
    """Return figures as callers get them."""
    return s.PlaceFigures(
        registered=figures.registered,
        begun=figures.begun,
        taken_back=figures.taken_back,
        declared=figures.declared,
        submitted=figures.submitted,
        returned=figures.returned,
        approved=figures.approved,
        rejected=figures.rejected,
    )
