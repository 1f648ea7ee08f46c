"""Criteria versions as rows: what a declaration pinned stays readable, and stays what it was.

Rows come with the program's files or through the API (`criteria_publication`). Whatever changes
what is in force also raises the revision of the rules, by which every process notices.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

import msgspec
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from dialogs.criteria import CriteriaSet, parse_criteria_set, to_plain
from storage.criteria import Added, CriteriaLibrary
from storage.database import Connection
from storage.models import criteria_publication, criteria_version
from storage.periods import all_periods, get_rules_revision, revise_rules
from storage.seams import from_ms
from storage.writing import Conflict

State = Literal["draft", "published"]


class CriteriaChanged(Exception):
    """A file changed what a published version says; the text names the version."""

    code = "criteria_changed"

    def __init__(self, version: str) -> None:
        super().__init__(
            f"criteria set {version} differs from what was published under that version: "
            "publish a new version instead"
        )
        self.version = version


@dataclass(frozen=True, slots=True)
class Published:
    """A kept version: `state` and `at` are None where it came with the program's files."""

    criteria: CriteriaSet
    state: State | None
    at: datetime | None


async def keep_versions(connection: Connection, library: CriteriaLibrary) -> None:
    """Keep every set of the library under its version, for good.

    Raises CriteriaChanged when a version is kept with another content; nothing is kept then.
    """
    kept = await check_versions(connection, library)
    new = [_row(s) for s in library.sets if s.version not in kept]
    if new:
        # Another process may start at the same moment.
        await connection.execute(_added(connection).on_conflict_do_nothing(), new)
        await revise_rules(connection)


async def check_versions(connection: Connection, library: CriteriaLibrary) -> frozenset[str]:
    """Return the versions that are kept; raises CriteriaChanged when a file says another thing."""
    kept = await _digests(connection)
    for criteria_set in library.sets:
        if kept.get(criteria_set.version, criteria_set.digest) != criteria_set.digest:
            raise CriteriaChanged(criteria_set.version)
    return frozenset(kept)


async def all_sets(connection: Connection, library: CriteriaLibrary) -> Mapping[str, CriteriaSet]:
    """Return every set by version, those only kept as rows too; it goes on with the library.

    The library holds from now on what the database adds to it. Raises CriteriaInvalid when a kept
    set cannot be read by this program.
    """
    library.take(await _read(connection, library, await get_rules_revision(connection)))
    return library.known


async def refresh(connection: Connection, library: CriteriaLibrary) -> bool:
    """Let the library hold what changed since it was read; one small query when nothing did.

    Ask it on the connection that goes on to read files: what they pin is then always known.
    """
    revision = await get_rules_revision(connection)
    if revision <= library.revision:
        return False
    library.take(await _read(connection, library, revision))
    return True


async def publish(
    connection: Connection,
    library: CriteriaLibrary,
    criteria: CriteriaSet,
    *,
    state: State,
    officer_id: int,
    at_ms: int,
) -> Published:
    """Keep a set that came through the API and return it as it is kept.

    A draft may be changed until it is published; a published version only opens and closes, and
    changes its last year. Saying the same again changes nothing. Raises CriteriaChanged.
    """
    before = await get_version(connection, library, criteria.version)
    if before is not None:
        if _same(before, criteria, state):
            return before
        _check_may_change(before, criteria, state)
    await _keep(connection, criteria, known=before is not None)
    row = {"version": criteria.version, "state": state, "officer_id": officer_id, "at_ms": at_ms}
    sqlite = connection.dialect.name == "sqlite"
    added = (sqlite_insert if sqlite else postgresql_insert)(criteria_publication).values(row)
    await connection.execute(added.on_conflict_do_update(index_elements=["version"], set_=row))
    await revise_rules(connection)
    return Published(criteria, state, from_ms(at_ms))


async def get_version(
    connection: Connection, library: CriteriaLibrary, version: str
) -> Published | None:
    """Return one kept version; the file says whether a set of the program is open."""
    found = await list_versions(connection, library, version=version)
    return found[0] if found else None


async def list_versions(
    connection: Connection, library: CriteriaLibrary, *, version: str | None = None
) -> list[Published]:
    """Return all kept versions by title and version, or the one that is named."""
    files = {s.version: s for s in library.sets}
    rows = await _rows(connection, version)
    found = [
        Published(
            files.get(row.version) or _parse(row.version, row.content),
            row.state,
            from_ms(row.at_ms) if row.at_ms is not None else None,
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.criteria.title, one.criteria.version))


def _same(before: Published, criteria: CriteriaSet, state: State) -> bool:
    return before.criteria == criteria and before.state == state


def _check_may_change(before: Published, criteria: CriteriaSet, state: State) -> None:
    """Raise CriteriaChanged unless the version is a draft, or says of people what it said."""
    if before.state == "draft":
        return
    if before.state is None or state == "draft" or before.criteria.digest != criteria.digest:
        raise CriteriaChanged(criteria.version)


async def _keep(connection: Connection, criteria: CriteriaSet, *, known: bool) -> None:
    if not known:
        added = _added(connection).values(_row(criteria)).on_conflict_do_nothing()
        if (await connection.execute(added)).rowcount != 1:
            raise Conflict("criteria")
        return
    own = update(criteria_version).where(criteria_version.c.version == criteria.version)
    await connection.execute(own.values(**_row(criteria)))


def _added(connection: Connection) -> Any:
    sqlite = connection.dialect.name == "sqlite"
    return (sqlite_insert if sqlite else postgresql_insert)(criteria_version)


async def _read(connection: Connection, library: CriteriaLibrary, revision: int) -> Added:
    rows = await _rows(connection)
    known = {
        row.version: _as_held(library, _parse(row.version, row.content))
        for row in rows
        if row.state != "draft"
    }
    return Added(revision, known, _newest_first(rows, known), await all_periods(connection))


def _as_held(library: CriteriaLibrary, criteria: CriteriaSet) -> CriteriaSet:
    """Return the very object that is held where it is equal: much is remembered about it."""
    held = library.known.get(criteria.version)
    return held if held == criteria else criteria


def _newest_first(rows: Iterable[Any], known: Mapping[str, CriteriaSet]) -> tuple[CriteriaSet, ...]:
    published = [(row.at_ms, row.version) for row in rows if row.state == "published"]
    return tuple(known[version] for _, version in sorted(published, reverse=True))


async def _rows(connection: Connection, version: str | None = None) -> Sequence[Any]:
    c, p = criteria_version.c, criteria_publication.c
    query = select(c.version, c.content, p.state, p.at_ms).outerjoin_from(
        criteria_version, criteria_publication, p.version == c.version
    )
    if version is not None:
        query = query.where(c.version == version)
    return (await connection.execute(query.order_by(c.version))).all()


@lru_cache(maxsize=32)
def _parse(version: str, content: str) -> CriteriaSet:
    return parse_criteria_set(version, msgspec.json.decode(content))


async def _digests(connection: Connection) -> dict[str, str]:
    query = select(criteria_version.c.version, criteria_version.c.digest)
    return {row.version: row.digest for row in await connection.execute(query)}


def _row(criteria_set: CriteriaSet) -> dict[str, str]:
    return {
        "version": criteria_set.version,
        "digest": criteria_set.digest,
        "content": msgspec.json.encode(to_plain(criteria_set)).decode(),
    }
