"""The lists of provinces and communes: complete, unique, well spelled, and derived as described."""

import csv
import hashlib
import json
import re
import sqlite3
import subprocess
import sys
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from storage.data import derive_units
from storage.search import DATA

PROVINCE_HEADER = ["code", "name", "kind"]
COMMUNE_HEADER = ["code", "province", "name", "kind"]
FILES = ("provinces.csv", "communes.csv", "former_provinces.csv", "former_communes.csv")


def table(name: str) -> tuple[list[str], list[list[str]]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return header, rows


def test_there_are_34_provinces_six_of_them_cities() -> None:
    header, rows = table("provinces.csv")
    assert header == PROVINCE_HEADER
    assert Counter(kind for _, _, kind in rows) == {"province": 28, "city": 6}
    assert [row[0] for row in rows] == sorted({row[0] for row in rows})
    assert all(re.fullmatch(r"\d{2}", row[0]) for row in rows)


def test_there_are_3321_communes_of_three_kinds() -> None:
    header, rows = table("communes.csv")
    assert header == COMMUNE_HEADER
    assert len(rows) == 3321
    assert Counter(row[3] for row in rows) == {"commune": 2621, "ward": 687, "special_zone": 13}


def test_commune_codes_are_unique_have_five_digits_and_are_in_order() -> None:
    codes = [row[0] for row in table("communes.csv")[1]]
    assert codes == sorted(set(codes))
    assert all(re.fullmatch(r"\d{5}", code) for code in codes)


def test_every_commune_lies_in_a_province_and_every_province_has_communes() -> None:
    assert {row[1] for row in table("communes.csv")[1]} == {
        row[0] for row in table("provinces.csv")[1]
    }


def test_units_whose_kind_the_source_states_twice_have_the_kind_of_their_full_name() -> None:
    kinds = {row[0]: (row[2], row[3]) for row in table("communes.csv")[1]}
    assert {code: kinds[code] for code in ("10543", "11848", "31213", "31299")} == {
        "10543": ("Việt Hòa", "ward"),
        "11848": ("Vĩnh Hòa", "commune"),
        "31213": ("Tân Lộc", "ward"),
        "31299": ("Phong Điền", "commune"),
    }


def test_the_29_abolished_provinces_lead_to_todays() -> None:
    header, rows = table("former_provinces.csv")
    today = {row[0]: row[1] for row in table("provinces.csv")[1]}
    assert header == ["name", "province"]
    assert len(rows) == 29
    assert {name: today[code] for name, code in rows}["Quảng Nam"] == "Đà Nẵng"
    assert not {name for name, _ in rows} & set(today.values())


def test_former_communes_lead_to_communes_of_another_name() -> None:
    header, rows = table("former_communes.csv")
    today = {row[0]: row[2] for row in table("communes.csv")[1]}
    assert header == ["name", "commune"]
    assert len(rows) == len({tuple(row) for row in rows}) > 8000
    assert all(today[code] != name for name, code in rows)
    assert ["Bến Nghé", "26740"] in rows


@pytest.mark.parametrize("name", FILES)
def test_names_are_nfc_single_spaced_and_in_the_official_tone_spelling(name: str) -> None:
    text = (DATA / name).read_bytes().decode("utf-8")
    cells = [cell for row in table(name)[1] for cell in row]
    assert text == unicodedata.normalize("NFC", text)
    assert "\r" not in text
    assert [c for c in cells if derive_units.spell(c) != c] == []
    assert [c for c in cells if re.search(r"o[àáảãạèéẻẽẹ]\b|(?<![qQ])u[ỳýỷỹỵ]\b", c)] == []


@pytest.mark.parametrize(
    ("written", "official"),
    [
        ("Hoà  Tiến", "Hòa Tiến"),
        ("Khánh Hoà", "Khánh Hòa"),
        ("Thuỷ Nguyên", "Thủy Nguyên"),
        ("THUỶ", "THỦY"),
        ("Sơn Loẻ", "Sơn Lỏe"),
        ("Quý Lộc", "Quý Lộc"),
        ("Lê Quý Đôn", "Lê Quý Đôn"),
        ("Hoàng Mai", "Hoàng Mai"),
        ("Nguyễn Huệ", "Nguyễn Huệ"),
        (unicodedata.normalize("NFD", "Đà Nẵng"), "Đà Nẵng"),
    ],
)
def test_spelling_is_made_official(written: str, official: str) -> None:
    assert derive_units.spell(written) == official


def test_a_small_source_is_refused_with_both_counts(tmp_path: Path) -> None:
    package = small_package(tmp_path)
    with pytest.raises(derive_units.UnreadableSource, match=r"found \(1, 2\)"):
        derive_units.derive(package, tmp_path)


def test_the_same_source_gives_the_same_bytes(tmp_path: Path) -> None:
    package = small_package(tmp_path)
    digests = []
    for run in ("first", "second"):
        target = tmp_path / run
        target.mkdir()
        assert derive_units.derive(package, target, (1, 2)) == (1, 2)
        digests.append([hashlib.sha256((target / n).read_bytes()).hexdigest() for n in FILES])
    assert digests[0] == digests[1]
    assert (tmp_path / "first" / "communes.csv").read_text("utf-8") == (
        "code,province,name,kind\n20242,48,Hải Châu,ward\n20314,48,Hòa Tiến,commune\n"
    )
    assert (tmp_path / "first" / "former_communes.csv").read_text("utf-8") == (
        "name,commune\nThạch Thang,20242\n"
    )


def test_a_path_without_the_package_is_one_readable_line(tmp_path: Path) -> None:
    script = Path(derive_units.__file__)
    run = subprocess.run(
        [sys.executable, str(script), str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout, run.stderr) == (1, "", f"no dataset.db under {tmp_path}\n")


def test_the_licence_of_the_source_is_kept() -> None:
    text = (DATA / "ATTRIBUTION.md").read_text("utf-8")
    assert "MIT License" in text
    assert "The above copyright notice and this permission notice shall be included" in text


def small_package(folder: Path) -> Path:
    """Write a source of one city with two communes, laid out like the package."""
    package = folder / "package"
    package.mkdir()
    database = sqlite3.connect(package / "dataset.db")
    database.executescript(
        """
        CREATE TABLE admin_units (provinceCode, province, provinceKey, wardCode, ward, wardKey);
        CREATE TABLE admin_units_legacy
            (provinceShort, provinceKey, districtKey, ward, wardKey, wardCode);
        INSERT INTO admin_units VALUES
            ('48', 'Thành phố Đà Nẵng', 'danang', '20314', 'Xã Hoà Tiến', 'hoatien'),
            ('48', 'Thành phố Đà Nẵng', 'danang', '20242', 'Phường Hải Châu', 'haichau');
        INSERT INTO admin_units_legacy VALUES
            ('Đà Nẵng', 'danang', 'haichau', 'Phường Thạch Thang', 'thachthang', '20242'),
            ('Đà Nẵng', 'danang', 'hoavang', 'Xã Hòa Tiến', 'hoatien', '20314');
        """
    )
    database.commit()
    database.close()
    merged = {
        "DICT_PROVINCE_WARD_NO_DIVIDED": {
            "danang": {"haichau": ["danang_haichau_thachthang"]},
        },
        "DICT_PROVINCE_WARD_DIVIDED": {
            "danang": {"danang_hoavang_hoatien": [{"newWardKey": "hoatien"}]},
        },
    }
    (package / derive_units.CONVERTER).write_text(json.dumps(merged), "utf-8")
    return package
