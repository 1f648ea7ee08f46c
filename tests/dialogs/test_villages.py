"""How people name their village, and which villages of the list that may be."""

import pytest

from dialogs.places import Village
from dialogs.villages import LONGEST_TEXT, match_villages, village_kind


def village(number: int, name: str, old: str | None = None) -> Village:
    return Village(f"20242-{number:03}", name, village_kind(name), old)


GROUPS = tuple(village(n, f"Tổ {n}") for n in range(1, 31))
MERGED = (
    village(1, "Thôn 1", "Hòa Tiến"),
    village(2, "Thôn 1", "Hòa Khương"),
    village(3, "Thôn 2", "Hòa Tiến"),
    village(4, "Thôn 3", "Hòa Tiến"),
    village(5, "Thôn 3", "Hòa Khương"),
    village(6, "Thôn Lệ Sơn Bắc", "Hòa Tiến"),
    village(7, "Thôn Lệ Sơn Nam", "Hòa Tiến"),
)
MIXED = (
    village(1, "Khu phố 1"),
    village(2, "Khu phố 2"),
    village(3, "Khu phố 3"),
    village(4, "Ấp Bình Hòa"),
    village(5, "Ấp Bình Hóa"),
    village(6, "Ấp 3"),
    village(7, "Ấp 4A"),
    village(8, "Ấp 4B"),
    village(9, "Khóm 12"),
    village(10, "Khu II"),
    village(11, "Bản Nà Lốc"),
    village(12, "Buôn Đung"),
    village(13, "Plei Kép"),
    village(14, "Sóc Bưng"),
    village(15, "Làng Mới"),
    village(16, "Xóm Ba Vì"),
    village(17, "Tiểu khu 9"),
    village(18, "Thôn Năm Mươi"),
    Village("20242-019", "Tân Lập", "hamlet"),
)

ROWS: tuple[tuple[str, tuple[Village, ...], list[str]], ...] = (
    # one number, all dresses
    ("tdp12", GROUPS, ["Tổ 12"]),
    ("TDP 12", GROUPS, ["Tổ 12"]),
    ("tdp.12", GROUPS, ["Tổ 12"]),
    ("to 12", GROUPS, ["Tổ 12"]),
    ("tổ 12", GROUPS, ["Tổ 12"]),
    ("TỔ 12", GROUPS, ["Tổ 12"]),
    ("Tổ  12.", GROUPS, ["Tổ 12"]),
    ("to12", GROUPS, ["Tổ 12"]),
    ("tổ dân phố 12", GROUPS, ["Tổ 12"]),
    ("to dan pho 12", GROUPS, ["Tổ 12"]),
    ("tổ dân phố số 12", GROUPS, ["Tổ 12"]),
    ("to dan pho so 12", GROUPS, ["Tổ 12"]),
    ("tổ số 12", GROUPS, ["Tổ 12"]),
    ("tổ 012", GROUPS, ["Tổ 12"]),
    ("t12", GROUPS, ["Tổ 12"]),
    ("12", GROUPS, ["Tổ 12"]),
    ("số 12", GROUPS, ["Tổ 12"]),
    ("tổ mười hai", GROUPS, ["Tổ 12"]),
    ("to muoi hai", GROUPS, ["Tổ 12"]),
    ("mười hai", GROUPS, ["Tổ 12"]),
    ("tổ hai mươi mốt", GROUPS, ["Tổ 21"]),
    ("tổ hai mươi", GROUPS, ["Tổ 20"]),
    ("tổ XII", GROUPS, ["Tổ 12"]),
    ("tổ 12 phường Hải Châu", GROUPS, ["Tổ 12"]),
    ("to 12 phuong hai chau", GROUPS, ["Tổ 12"]),
    ("tổ 12, phường Hải Châu, TP. Đà Nẵng", GROUPS, ["Tổ 12"]),
    ("tổ 12 p. hải châu", GROUPS, ["Tổ 12"]),
    ("tôi ở tổ 12", GROUPS, ["Tổ 12"]),
    ("dạ em ở tổ 12 ạ", GROUPS, ["Tổ 12"]),
    ("nha o to 12", GROUPS, ["Tổ 12"]),
    ("１２", GROUPS, ["Tổ 12"]),
    ("to\u0302\u0309 12", GROUPS, ["Tổ 12"]),
    # another local word, the number being one village's alone
    ("thôn 12", GROUPS, ["Tổ 12"]),
    ("kp12", GROUPS, ["Tổ 12"]),
    ("khu phố 12", GROUPS, ["Tổ 12"]),
    ("group 12", GROUPS, ["Tổ 12"]),
    # not in the list
    ("tổ 31", GROUPS, []),
    ("31", GROUPS, []),
    ("tổ", GROUPS, []),
    ("tổ 12a", GROUPS, []),
    ("không biết", GROUPS, []),
    ("", GROUPS, []),
    ("👍", GROUPS, []),
    # several local words in one place
    ("kp3", MIXED, ["Khu phố 3"]),
    ("kp 3", MIXED, ["Khu phố 3"]),
    ("khu pho 3", MIXED, ["Khu phố 3"]),
    ("k.3", MIXED, ["Khu phố 3"]),
    ("k3", MIXED, ["Khu phố 3"]),
    ("3", MIXED, ["Khu phố 3", "Ấp 3"]),
    ("ba", MIXED, ["Khu phố 3", "Ấp 3"]),
    ("ấp 3", MIXED, ["Ấp 3"]),
    ("ap ba", MIXED, ["Ấp 3"]),
    ("thôn 3", MIXED, ["Khu phố 3", "Ấp 3"]),
    ("thôn 1", MIXED, ["Khu phố 1"]),
    ("k.12", MIXED, ["Khóm 12"]),
    ("khom 12", MIXED, ["Khóm 12"]),
    ("12", MIXED, ["Khóm 12"]),
    ("khu II", MIXED, ["Khu II"]),
    ("khu ii", MIXED, ["Khu II"]),
    ("khu 2", MIXED, ["Khu II"]),
    ("khu hai", MIXED, ["Khu II"]),
    ("khu phố 2", MIXED, ["Khu phố 2"]),
    ("2", MIXED, ["Khu phố 2", "Khu II"]),
    ("ấp 4a", MIXED, ["Ấp 4A"]),
    ("ap 4 b", MIXED, ["Ấp 4B"]),
    ("ấp Bình Hòa", MIXED, ["Ấp Bình Hòa"]),
    ("ấp Bình Hoà", MIXED, ["Ấp Bình Hòa"]),
    ("Bình Hóa", MIXED, ["Ấp Bình Hóa"]),
    ("binh hoa", MIXED, ["Ấp Bình Hòa", "Ấp Bình Hóa"]),
    ("ap binh hoa", MIXED, ["Ấp Bình Hòa", "Ấp Bình Hóa"]),
    ("ấp bình hỏa", MIXED, []),
    ("na loc", MIXED, ["Bản Nà Lốc"]),
    ("ban na loc", MIXED, ["Bản Nà Lốc"]),
    ("thôn Nà Lốc", MIXED, ["Bản Nà Lốc"]),
    ("buon dung", MIXED, ["Buôn Đung"]),
    ("plei kep", MIXED, ["Plei Kép"]),
    ("soc bung", MIXED, ["Sóc Bưng"]),
    ("lang moi", MIXED, ["Làng Mới"]),
    ("thôn Làng Mới", MIXED, ["Làng Mới"]),
    ("xom ba vi", MIXED, ["Xóm Ba Vì"]),
    ("tk9", MIXED, ["Tiểu khu 9"]),
    ("thon nam muoi", MIXED, ["Thôn Năm Mươi"]),
    ("ấp tân lập", MIXED, ["Tân Lập"]),
    ("tan lap", MIXED, ["Tân Lập"]),
    ("tổ 5 khu phố 3", MIXED, ["Khu phố 3"]),
    # namesakes after a merger
    ("thon 3", MERGED, ["Thôn 3 Hòa Tiến", "Thôn 3 Hòa Khương"]),
    ("thôn ba", MERGED, ["Thôn 3 Hòa Tiến", "Thôn 3 Hòa Khương"]),
    ("thôn 3 Hòa Tiến cũ", MERGED, ["Thôn 3 Hòa Tiến"]),
    ("thon 3 hoa tien cu", MERGED, ["Thôn 3 Hòa Tiến"]),
    ("thôn 3 xã Hòa Tiến cũ", MERGED, ["Thôn 3 Hòa Tiến"]),
    ("thôn 3 (Hòa Khương cũ)", MERGED, ["Thôn 3 Hòa Khương"]),
    ("thôn 3, xã Hòa Khương cũ", MERGED, ["Thôn 3 Hòa Khương"]),
    ("3 hoa khuong cu", MERGED, ["Thôn 3 Hòa Khương"]),
    ("thôn 2 Hòa Khương cũ", MERGED, []),
    ("thôn 3 xã Hòa Tiến", MERGED, ["Thôn 3 Hòa Tiến", "Thôn 3 Hòa Khương"]),
    ("thôn 3 hòa tiến", MERGED, ["Thôn 3 Hòa Tiến", "Thôn 3 Hòa Khương"]),
    ("thôn 2", MERGED, ["Thôn 2 Hòa Tiến"]),
    ("lệ sơn", MERGED, ["Thôn Lệ Sơn Bắc Hòa Tiến", "Thôn Lệ Sơn Nam Hòa Tiến"]),
    ("thon le son", MERGED, ["Thôn Lệ Sơn Bắc Hòa Tiến", "Thôn Lệ Sơn Nam Hòa Tiến"]),
    ("le son nam", MERGED, ["Thôn Lệ Sơn Nam Hòa Tiến"]),
)


@pytest.mark.parametrize(("typed", "villages", "meant"), ROWS)
def test_what_is_typed_finds_the_villages_it_may_mean(
    typed: str, villages: tuple[Village, ...], meant: list[str]
) -> None:
    found = match_villages(typed, villages)
    assert [" ".join(filter(None, (v.name, v.old_commune))) for v in found] == meant


def test_every_village_is_found_by_its_own_full_name() -> None:
    lost = [v for v in (*GROUPS, *MIXED) if match_villages(v.name, (*GROUPS, *MIXED)) != (v,)]
    assert lost == []


@pytest.mark.parametrize("text", ["tổ " * LONGEST_TEXT, "1" * 10_000, "x" * 10_000])
def test_a_flood_of_letters_is_no_village(text: str) -> None:
    assert match_villages(text, GROUPS) == ()


def test_no_list_gives_no_village() -> None:
    assert match_villages("tổ 12", ()) == ()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Tổ 12", "residential_group"),
        ("Tổ dân phố 12", "residential_group"),
        ("thôn 3", "village"),
        ("Khu phố 1", "quarter"),
        ("Khóm 12", "block"),
        ("Ấp Bình Hòa", "hamlet"),
        ("Xóm Ba Vì", "xom"),
        ("Làng Mới", "lang"),
        ("Bản Nà Lốc", "ban"),
        ("Buôn Đung", "buon"),
        ("Bon Bu Prâng", "bon"),
        ("Plei Kép", "plei"),
        ("Sóc Bưng", "soc"),
        ("Tiểu khu 9", "sub_quarter"),
        ("Trung tâm", "other"),
    ],
)
def test_the_local_word_tells_the_kind(name: str, kind: str) -> None:
    assert village_kind(name) == kind
