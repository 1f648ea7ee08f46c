"""A country of households for `rollup`: a million declarations, and sums that stand for more."""

import sqlite3
from pathlib import Path
from typing import Final

from storage.models import COUNTS
from storage.search import PlaceIndex

VILLAGES: Final = 30
TITLES: Final = ("citizen", "family")
_CRITERIA: Final = "INSERT INTO criteria_version (version, digest, content) VALUES ('v', 'd', '{}')"
_OFFICER: Final = (
    "INSERT INTO officer (id, name, role, place, at_ms) VALUES (1, 'A', 'operator', '48', 0)"
)
# Each of them leads the files it names on from where they were: as the rules have it.
_MOVES: Final = (
    "UPDATE declaration SET status = 'submitted' WHERE id % 5 > 0",
    "UPDATE declaration SET status = 'approved' WHERE id % 5 > 1",
    "UPDATE declaration SET status = 'submitted' WHERE id % 50 = 4",
)
_FILES: Final = """
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :last)
INSERT INTO declaration (public_id, title, period, criteria, status, version, province, commune,
                         village, code, total, decision_officer, at_ms)
SELECT printf('%022d', n.i), CASE n.i % 2 WHEN 0 THEN 'citizen' ELSE 'family' END, :period, 'v',
       'draft', 1, p.province, p.code, p.code || printf('-%03d', 1 + n.i / :communes % :villages),
       printf('KH25-%d', n.i), 80, 1, 0
FROM n JOIN place AS p ON p.i = n.i % :communes
"""


def fill_files(file: Path, index: PlaceIndex, *, files: int, period: int) -> None:
    """Write `files` declarations spread over all communes and their villages, most approved."""
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA cache_size=-400000")
        communes = _add_places(connection, index)
        connection.execute(_CRITERIA)
        connection.execute(_OFFICER)
        values = {"last": files - 1, "period": period, "villages": VILLAGES}
        connection.execute(_FILES, {**values, "communes": communes})
        for move in _MOVES:
            connection.execute(move)
    connection.close()


def fill_sums(file: Path, index: PlaceIndex, *, households: int, period: int) -> int:
    """Keep sums as `households` would have them for each title; return how many that makes.

    Every commune has as many villages, and every village as many files, within one.
    """
    communes = [c for p in index.provinces() for c in index.communes(p.code)]
    each, more = divmod(households, len(communes) * VILLAGES)
    rows, made, village = [], 0, 0
    for commune in communes:
        whole = 0
        for number in range(1, VILLAGES + 1):
            here = each + (village < more)
            rows.append((commune.code, f"{commune.code}-{number:03}", here))
            whole, village = whole + here, village + 1
        rows.append((commune.province.code, commune.code, whole))
        made += whole
    columns = ("parent", "period", "place", "title", "demo", *COUNTS)
    marks = ", ".join("?" * len(columns))
    query = f"INSERT INTO place_sum ({', '.join(columns)}) VALUES ({marks})"
    with sqlite3.connect(file) as connection:
        connection.executemany(
            query,
            [
                (parent, period, place, title, False, *_split(count))
                for parent, place, count in rows
                for title in TITLES
            ],
        )
    connection.close()
    return made


def _split(files: int) -> tuple[int, ...]:
    """Return counts in the order of COUNTS: half approved, a quarter waiting, a quarter begun."""
    begun = submitted = files // 4
    return begun, 0, submitted, 0, files - begun - submitted, 0, 0


def _add_places(connection: sqlite3.Connection, index: PlaceIndex) -> int:
    """Make a table of all communes beside the database and return how many there are."""
    places = [(c.code, p.code) for p in index.provinces() for c in index.communes(p.code)]
    connection.execute("CREATE TEMP TABLE place (i INTEGER PRIMARY KEY, code TEXT, province TEXT)")
    numbered = [(i, *place) for i, place in enumerate(places)]
    connection.executemany("INSERT INTO place VALUES (?, ?, ?)", numbered)
    return len(numbered)
