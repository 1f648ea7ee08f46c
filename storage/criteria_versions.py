"""Criteria versions as rows: what a declaration pinned stays readable, and stays what it was."""

from collections.abc import Mapping

import msgspec
from sqlalchemy import insert, select

from dialogs.criteria import CriteriaSet, parse_criteria_set, to_plain
from storage.criteria import CriteriaLibrary
from storage.database import Connection
from storage.models import criteria_version


class CriteriaChanged(Exception):
    """A file changed what a published version says; the text names the version."""

    code = "criteria_changed"

    def __init__(self, version: str) -> None:
        super().__init__(
            f"criteria set {version} differs from what was published under that version: "
            "publish a new version instead"
        )
        self.version = version


async def keep_versions(connection: Connection, library: CriteriaLibrary) -> None:
    """Keep every set of the library under its version, for good.

    Raises CriteriaChanged when a version is kept with another content; nothing is kept then.
    """
    kept = await check_versions(connection, library)
    new = [_row(s) for s in library.sets if s.version not in kept]
    if new:
        await connection.execute(insert(criteria_version), new)


async def check_versions(connection: Connection, library: CriteriaLibrary) -> frozenset[str]:
    """Return the versions that are kept; raises CriteriaChanged when a file says another thing."""
    kept = await _digests(connection)
    for criteria_set in library.sets:
        if kept.get(criteria_set.version, criteria_set.digest) != criteria_set.digest:
            raise CriteriaChanged(criteria_set.version)
    return frozenset(kept)


async def all_sets(connection: Connection, library: CriteriaLibrary) -> Mapping[str, CriteriaSet]:
    """Return every set by version: those of the library, and those only kept as rows.

    Raises CriteriaInvalid when a kept set cannot be read by this program.
    """
    c = criteria_version.c
    sets = {criteria_set.version: criteria_set for criteria_set in library.sets}
    rows = await connection.execute(
        select(c.version, c.content).where(c.version.not_in(list(sets))).order_by(c.version)
    )
    old = {
        version: parse_criteria_set(version, msgspec.json.decode(content))
        for version, content in rows
    }
    return sets | old


async def _digests(connection: Connection) -> dict[str, str]:
    query = select(criteria_version.c.version, criteria_version.c.digest)
    return {row.version: row.digest for row in await connection.execute(query)}


def _row(criteria_set: CriteriaSet) -> dict[str, str]:
    return {
        "version": criteria_set.version,
        "digest": criteria_set.digest,
        "content": msgspec.json.encode(to_plain(criteria_set)).decode(),
    }
