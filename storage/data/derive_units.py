"""Derive the lists of provinces and communes from the package vietnamadminunits 1.0.4.

    pip download --no-deps vietnamadminunits==1.0.4    # a wheel is a zip archive: unpack it
    python storage/data/derive_units.py PATH           # the unpacked package, or its dataset.db

Four files are written beside this script: `provinces.csv`, `communes.csv` (the units in force since
1 July 2025), `former_provinces.csv` (which province an abolished one became part of) and
`former_communes.csv` (which communes took over an abolished one, or parts of it, under another
name; bare numbers such as "Phường 12" are left out). People search by the old names for years; a
partial merger has several rows, so these rows propose and never decide.
The same input gives the same bytes. See ATTRIBUTION.md for licence and legal source.

Spelling: UTF-8, NFC, single spaces, and the tone mark where official papers put it (hòa, khỏe,
thủy; a mark on the second vowel of open oa, oe, uy is moved, "qu" excepted: quý stays).

Kinds are read from the unit's full name ("Phường Việt Hòa"), because the package's column
`wardType` contradicts it for four units (10543, 11848, 31213, 31299), where the resolutions of
the National Assembly's Standing Committee agree with the full name. The numbers of kinds are
those the resolutions add up to: 2,621 communes, 687 wards, 13 special zones.
"""

import csv
import json
import re
import sqlite3
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROVINCE_KINDS = {"Tỉnh": "province", "Thành phố": "city"}
FORMER_KINDS = {"Xã": "", "Phường": "", "Thị trấn": ""}
COMMUNE_KINDS = {"Xã": "commune", "Phường": "ward", "Đặc khu": "special_zone"}
EXPECTED = (34, 3321)
CONVERTER = "converter_2025.json"  # beside dataset.db

Merged = str | dict[str, object]

_MISPLACED = re.compile(r"(?<![qQ])([oOuU])([aeyAEY])([\u0300\u0301\u0303\u0309\u0323])(?!\w)")
_MISPLACEABLE = {"oa", "oe", "uy"}


class UnreadableSource(Exception):
    """The given path does not hold the expected lists; the message says what is missing."""


def spell(name: str) -> str:
    """Return `name` in NFC, trimmed, with the tone mark in the old (official) place.

    >>> spell("Hoà  Tiến"), spell("Thuỷ Nguyên"), spell("Quý Lộc"), spell("Hoàng Mai")
    ('Hòa Tiến', 'Thủy Nguyên', 'Quý Lộc', 'Hoàng Mai')
    """

    def moved(match: re.Match[str]) -> str:
        first, second, mark = match.groups()
        if (first + second).lower() not in _MISPLACEABLE:
            return match.group()
        return first + mark + second

    text = " ".join(name.split())
    return unicodedata.normalize("NFC", _MISPLACED.sub(moved, unicodedata.normalize("NFD", text)))


def split_kind(full_name: str, kinds: dict[str, str]) -> tuple[str, str]:
    """Return (kind, name without the type word) of a full name such as "Đặc khu Phú Quý"."""
    spelled = spell(full_name)
    for word, kind in kinds.items():
        if spelled.casefold().startswith(word.casefold() + " "):
            return kind, spelled[len(word) + 1 :]
    raise UnreadableSource(f"no known type word in {full_name!r}")


def read_provinces(database: sqlite3.Connection) -> list[tuple[str, str, str]]:
    """Return (code, name, kind) of every province, by code."""
    found = database.execute("SELECT DISTINCT provinceCode, province FROM admin_units")
    rows = []
    for code, full_name in found:
        kind, name = split_kind(full_name, PROVINCE_KINDS)
        rows.append((code, name, kind))
    return sorted(rows)


def read_communes(database: sqlite3.Connection) -> list[tuple[str, str, str, str]]:
    """Return (code, province code, name, kind) of every commune, by code."""
    rows = []
    for code, province, full_name in database.execute(
        "SELECT wardCode, provinceCode, ward FROM admin_units"
    ):
        kind, name = split_kind(full_name, COMMUNE_KINDS)
        rows.append((code, province, name, kind))
    return sorted(rows)


def read_former_provinces(database: sqlite3.Connection) -> list[tuple[str, str]]:
    """Return (name, code of today's province) of the provinces abolished in 2025, by both.

    A merged commune keeps the code of one of its predecessors, so the codes both lists have in
    common tell where a province went.
    """
    went: dict[str, Counter[str]] = {}
    for name, today in database.execute(
        "SELECT old.provinceShort, new.provinceCode FROM admin_units_legacy old"
        " JOIN admin_units new ON new.wardCode = old.wardCode"
    ):
        went.setdefault(spell(name), Counter())[today] += 1
    kept = {name for _, name, _ in read_provinces(database)}
    return sorted(
        (name, codes.most_common(1)[0][0]) for name, codes in went.items() if name not in kept
    )


def read_former_communes(
    database: sqlite3.Connection, merged: dict[str, dict[str, dict[str, list[Merged]]]]
) -> list[tuple[str, str]]:
    """Return (name, code of a commune that took it over) of abolished communes, by both.

    `merged` is the package's converter: old units by new one (NO_DIVIDED), new ones by old.
    """
    new = {
        (province, key): (code, split_kind(name, COMMUNE_KINDS)[1])
        for province, key, code, name in database.execute(
            "SELECT provinceKey, wardKey, wardCode, ward FROM admin_units"
        )
    }
    old = {
        "_".join((province, parent, key)): split_kind(name, FORMER_KINDS)[1]
        for province, parent, key, name in database.execute(
            "SELECT provinceKey, districtKey, wardKey, ward FROM admin_units_legacy"
            " WHERE wardKey IS NOT NULL"
        )
    }
    rows = {
        (old[was], new[province, became][0])
        for province, became, was in list_mergers(merged)
        if was in old and old[was] != new[province, became][1]
    }
    return sorted(row for row in rows if not row[0].isdigit())


def list_mergers(
    merged: dict[str, dict[str, dict[str, list[Merged]]]],
) -> Iterator[tuple[str, str, str]]:
    """Yield (province key, key of the new unit, key of the old one) of the package's converter."""
    for province, taken in merged["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for became, names in taken.items():
            yield from ((province, became, was) for was in names if isinstance(was, str))
    for province, parted in merged["DICT_PROVINCE_WARD_DIVIDED"].items():
        for was, parts in parted.items():
            yield from ((province, str(p["newWardKey"]), was) for p in parts if isinstance(p, dict))


def write_table(path: Path, header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    """Write one CSV file, UTF-8 with Unix line ends, so that a rerun changes no byte."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def find_database(path: Path) -> Path:
    """Return the SQLite file in an unpacked package, or `path` itself when it is the file."""
    if path.is_file():
        return path
    found = sorted(path.rglob("dataset.db"))
    if not found:
        raise UnreadableSource(f"no dataset.db under {path}")
    return found[0]


def derive(source: Path, target: Path, expected: tuple[int, int] = EXPECTED) -> tuple[int, int]:
    """Write the tables of `source` into the folder `target`; return counts of the first two.

    Raises UnreadableSource when a file is missing or broken, or the counts are not the expected
    ones (by default those of the 2025 resolutions).
    """
    file = find_database(source).resolve()
    database = sqlite3.connect(file.as_uri() + "?mode=ro", uri=True)
    try:
        merged = json.loads((file.parent / CONVERTER).read_text("utf-8"))
        provinces, communes = read_provinces(database), read_communes(database)
        former = read_former_provinces(database)
        former_communes = read_former_communes(database, merged)
    except (sqlite3.DatabaseError, OSError, ValueError, KeyError) as error:
        raise UnreadableSource(f"{source}: {error}") from error
    finally:
        database.close()
    counts = (len(provinces), len(communes))
    if counts != expected:
        raise UnreadableSource(f"expected {expected} provinces and communes, found {counts}")
    write_table(target / "provinces.csv", ("code", "name", "kind"), provinces)
    write_table(target / "communes.csv", ("code", "province", "name", "kind"), communes)
    write_table(target / "former_provinces.csv", ("name", "province"), former)
    write_table(target / "former_communes.csv", ("name", "commune"), former_communes)
    return counts


def main(arguments: list[str]) -> int:
    """Run from the command line; 0 done, 1 unreadable source, 2 wrong usage."""
    if len(arguments) != 1:
        print("usage: derive_units.py PATH_TO_UNPACKED_PACKAGE_OR_SQLITE", file=sys.stderr)
        return 2
    try:
        provinces, communes = derive(Path(arguments[0]), HERE)
    except UnreadableSource as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{provinces} provinces, {communes} communes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
