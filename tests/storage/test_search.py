"""Communes are found as people type them, and never guessed."""

import time
from itertools import pairwise

import pytest

from dialogs.folding import fold
from dialogs.places import Commune, PlaceHit, PlaceHits, Province
from storage.search import PlaceIndex

INDEX = PlaceIndex.load()
COMMUNES = tuple(c for p in INDEX.provinces() for c in INDEX.communes(p.code))
WORDS = {"commune": "xã", "ward": "phường", "special_zone": "đặc khu"}


def named(commune: Commune) -> str:
    """Write a commune as on official papers: phường Hải Châu, TP. Đà Nẵng."""
    province = "TP." if commune.province.kind == "city" else "tỉnh"
    return f"{WORDS[commune.kind]} {commune.name}, {province} {commune.province.name}"


def short(hit: PlaceHit) -> str:
    return f"{hit.commune.name}, {hit.commune.province.name}"


SURE = (
    # name and province, every dress
    ("hai chau da nang", "Hải Châu, Đà Nẵng"),
    ("Hải Châu Đà Nẵng", "Hải Châu, Đà Nẵng"),
    ("HẢI CHÂU ĐÀ NẴNG", "Hải Châu, Đà Nẵng"),
    ("phường Hải Châu, TP. Đà Nẵng", "Hải Châu, Đà Nẵng"),
    ("P. Hải Châu, TP Đà Nẵng", "Hải Châu, Đà Nẵng"),
    ("p.hai chau,tp.da nang", "Hải Châu, Đà Nẵng"),
    ("hai chaudanang", "Hải Châu, Đà Nẵng"),
    ("haichaudanang", "Hải Châu, Đà Nẵng"),
    ("haichau danang", "Hải Châu, Đà Nẵng"),
    ("phuonghaichau danang", "Hải Châu, Đà Nẵng"),
    ("da nang hai chau", "Hải Châu, Đà Nẵng"),
    ("TP Đà Nẵng, phường Hải Châu", "Hải Châu, Đà Nẵng"),
    ("hai chau dn", "Hải Châu, Đà Nẵng"),
    ("hải châu đn", "Hải Châu, Đà Nẵng"),
    ("Ha\u0309i Cha\u0302u \u0110a\u0300 Na\u0306\u0303ng", "Hải Châu, Đà Nẵng"),
    ("em ở hải châu, đà nẵng", "Hải Châu, Đà Nẵng"),
    ("toi o phuong hai chau thanh pho da nang", "Hải Châu, Đà Nẵng"),
    ("tổ 12, phường Hải Châu, Đà Nẵng", "Hải Châu, Đà Nẵng"),
    ("to 12 hai chau da nang", "Hải Châu, Đà Nẵng"),
    ("hai chau da nang viet nam", "Hải Châu, Đà Nẵng"),
    ("hai chau quang nam", "Hải Châu, Đà Nẵng"),  # the former province is part of Đà Nẵng today
    ("hoan kiem hn", "Hoàn Kiếm, Hà Nội"),
    ("hoan kiem", "Hoàn Kiếm, Hà Nội"),
    ("Hoàn Kiếm", "Hoàn Kiếm, Hà Nội"),
    ("hòan kiếm hà nội", "Hoàn Kiếm, Hà Nội"),
    ("TP HCM ben thanh", "Bến Thành, Hồ Chí Minh"),
    ("ben thanh tphcm", "Bến Thành, Hồ Chí Minh"),
    ("ben thanh tp.hcm", "Bến Thành, Hồ Chí Minh"),
    ("bến thành sài gòn", "Bến Thành, Hồ Chí Minh"),
    ("ben thanh sg", "Bến Thành, Hồ Chí Minh"),
    ("p ben thanh q.1 hcm", "Bến Thành, Hồ Chí Minh"),
    ("ben thanh ho chi minh", "Bến Thành, Hồ Chí Minh"),
    ("tam ky quang nam", "Tam Kỳ, Đà Nẵng"),
    ("tam kỳ đà nẵng", "Tam Kỳ, Đà Nẵng"),
    ("thôn 3, xã Hòa Tiến, Đà Nẵng", "Hòa Tiến, Đà Nẵng"),
    ("Hòa Tiến", "Hòa Tiến, Đà Nẵng"),
    ("Hoà Tiến", "Hòa Tiến, Đà Nẵng"),
    ("hoa tien", "Hòa Tiến, Đà Nẵng"),
    ("X. HOA TIEN", "Hòa Tiến, Đà Nẵng"),
    ("hội an tây", "Hội An Tây, Đà Nẵng"),
    # letters and spelling of names
    ("mdrak", "M'Drắk, Đắk Lắk"),
    ("m'drak", "M'Drắk, Đắk Lắk"),
    ("M’Drắk", "M'Drắk, Đắk Lắk"),
    ("ea hleo", "Ea H'Leo, Đắk Lắk"),
    ("buon ma thuot", "Buôn Ma Thuột, Đắk Lắk"),
    ("lê quí đôn", "Lê Quý Đôn, Hưng Yên"),
    ("krong nang daklak", "Krông Năng, Đắk Lắk"),
    ("krong nang đắc lắc", "Krông Năng, Đắk Lắk"),
    ("p1 bao loc", "1 Bảo Lộc, Lâm Đồng"),
    ("phuong 1 bao loc", "1 Bảo Lộc, Lâm Đồng"),
    ("cat tien 2", "Cát Tiên 2, Lâm Đồng"),
    ("chan may lang co", "Chân Mây - Lăng Cô, Huế"),
    ("tt ha hoa phu tho", "Hạ Hòa, Phú Thọ"),
    # special zones
    ("con dao", "Côn Đảo, Hồ Chí Minh"),
    ("dac khu con dao", "Côn Đảo, Hồ Chí Minh"),
    ("đk phú quốc", "Phú Quốc, An Giang"),
    ("phu quy lam dong", "Phú Quý, Lâm Đồng"),
    # diacritics decide
    ("Ba Tơ", "Ba Tơ, Quảng Ngãi"),
    ("ba tô", "Ba Tô, Quảng Ngãi"),
    ("Mỹ Tho", "Mỹ Tho, Đồng Tháp"),
    ("mĩ tho", "Mỹ Tho, Đồng Tháp"),
    ("Thanh An, TP. Hồ Chí Minh", "Thanh An, Hồ Chí Minh"),
    ("Thạnh An, hcm", "Thạnh An, Hồ Chí Minh"),
    ("tân thành tây ninh", "Tân Thành, Tây Ninh"),
    ("Tân Thạnh, Tây Ninh", "Tân Thạnh, Tây Ninh"),
    # official code
    ("20242", "Hải Châu, Đà Nẵng"),
    (" 20242 ", "Hải Châu, Đà Nẵng"),
)

OPEN: tuple[tuple[str, list[str]], ...] = (
    # ambiguous in the country: all, each with its province
    ("haichau", ["Hải Châu, Nghệ An", "Hải Châu, Đà Nẵng"]),
    ("hải châu", ["Hải Châu, Nghệ An", "Hải Châu, Đà Nẵng"]),
    ("phuong hai chau", ["Hải Châu, Đà Nẵng", "Hải Châu, Nghệ An"]),
    ("xa hai chau", ["Hải Châu, Nghệ An", "Hải Châu, Đà Nẵng"]),
    ("phuonghaichau", ["Hải Châu, Đà Nẵng", "Hải Châu, Nghệ An"]),
    ("mi tho", ["Mỹ Tho, Đồng Tháp", "Mỹ Thọ, Đồng Tháp"]),
    # a long name's part, a name that begins longer ones
    ("van mieu", ["Văn Miếu, Phú Thọ", "Văn Miếu - Quốc Tử Giám, Hà Nội"]),
    ("bao loc", ["2 Bảo Lộc, Lâm Đồng", "1 Bảo Lộc, Lâm Đồng", "3 Bảo Lộc, Lâm Đồng"]),
    # small mistakes
    ("phuog hai chau da nag", ["Hải Châu, Đà Nẵng"]),
    ("hai chua da nang", ["Hải Châu, Đà Nẵng"]),
    ("haichou", ["Hải Châu, Nghệ An", "Hải Châu, Đà Nẵng"]),
    ("hoan kien ha noi", ["Hoàn Kiếm, Hà Nội"]),
    ("Hoàn Kiêm", ["Hoàn Kiếm, Hà Nội"]),
    # names of before July 2025
    ("p. ben nghe", ["Sài Gòn, Hồ Chí Minh"]),
    ("phuong ben nghe quan 1 tp hcm", ["Sài Gòn, Hồ Chí Minh"]),
    ("thạch thang đà nẵng", ["Hải Châu, Đà Nẵng"]),
    ("lang co", ["Chân Mây - Lăng Cô, Huế"]),
    # an abolished unit or a street beside the name
    ("quận Hải Châu, Đà Nẵng", ["Hải Châu, Đà Nẵng"]),
    ("12 nguyen van linh hai chau da nang", ["Hải Châu, Đà Nẵng"]),
    # the named province has no such commune
    ("hai chau, ha noi", ["Hải Châu, Nghệ An", "Hải Châu, Đà Nẵng"]),
)

COLLISIONS = (
    ("Ba Tô", "Ba Tơ", "Quảng Ngãi"),
    ("Sơn Hà", "Sơn Hạ", "Quảng Ngãi"),
    ("Cẩm Giang", "Cẩm Giàng", "Hải Phòng"),
    ("Đông Tiến", "Đồng Tiến", "Thanh Hóa"),
    ("Tân Thành", "Tân Thạnh", "Tây Ninh"),
    ("Tân Thành", "Tân Thạnh", "Đồng Tháp"),
    ("Văn Lang", "Văn Lăng", "Thái Nguyên"),
    ("Lộc Thành", "Lộc Thạnh", "Đồng Nai"),
    ("Thanh An", "Thạnh An", "Hồ Chí Minh"),
    ("Mỹ Tho", "Mỹ Thọ", "Đồng Tháp"),
)


@pytest.mark.parametrize(("typed", "meant"), SURE)
def test_a_query_beyond_doubt_names_its_one_commune(typed: str, meant: str) -> None:
    found = INDEX.find(typed)
    assert [(short(h), h.exact) for h in found.hits] == [(meant, True)]
    assert not found.more


@pytest.mark.parametrize(("typed", "meant"), OPEN)
def test_what_leaves_doubt_is_offered_and_not_decided(typed: str, meant: list[str]) -> None:
    found = INDEX.find(typed)
    assert [short(h) for h in found.hits] == meant
    assert found.sure is None


@pytest.mark.parametrize(("one", "other", "province"), COLLISIONS)
def test_names_that_collide_inside_a_province_are_both_offered(
    one: str, other: str, province: str
) -> None:
    found = INDEX.find(fold(f"{one} {province}"))
    assert {short(h) for h in found.hits} == {f"{one}, {province}", f"{other}, {province}"}
    assert found.sure is None


@pytest.mark.parametrize(("one", "other", "province"), COLLISIONS)
def test_diacritics_tell_colliding_names_apart(one: str, other: str, province: str) -> None:
    for name in (one, other):
        sure = INDEX.find(f"{name}, {province}").sure
        assert sure is not None
        assert (sure.name, sure.province.name) == (name, province)


def test_every_commune_is_sure_by_its_official_label() -> None:
    assert [c for c in COMMUNES if INDEX.find(named(c)).sure != c] == []


def test_every_commune_is_among_the_hits_without_diacritics_and_spaces() -> None:
    lost = [
        c
        for c in COMMUNES
        if c not in [h.commune for h in INDEX.find(fold(named(c)).replace(" ", "")).hits]
    ]
    assert lost == []


def test_a_name_alone_never_decides_for_another_commune() -> None:
    wrong = [
        c
        for c in COMMUNES
        for typed in (c.name, fold(c.name), fold(named(c)))
        if INDEX.find(typed).sure not in (None, c)
    ]
    assert wrong == []


@pytest.mark.parametrize("typed", ["hóa tiến", "Hoá Tiến", "hỏa tiến"])
def test_diacritics_that_contradict_a_name_leave_doubt(typed: str) -> None:
    found = INDEX.find(typed)
    assert "Hòa Tiến, Đà Nẵng" in [short(h) for h in found.hits]
    assert found.sure is None


def test_names_with_the_typed_diacritics_come_before_the_others() -> None:
    hits = [h.commune.name for h in INDEX.find("tân thạnh", limit=50).hits]
    assert set(hits) == {"Tân Thạnh", "Tân Thành", "Tân Thanh"}
    assert all(a == "Tân Thạnh" or b != "Tân Thạnh" for a, b in pairwise(hits))


def test_more_namesakes_than_fit_are_said_to_be_more() -> None:
    found = INDEX.find("x. tan thanh")
    assert [h.commune.kind for h in found.hits] == ["commune"] * 6
    assert found.more
    everywhere = INDEX.find("tân thành", limit=50)
    assert len([h for h in everywhere.hits if h.commune.name == "Tân Thành"]) == 9
    assert not everywhere.more


def test_a_chosen_province_narrows_the_search() -> None:
    sure = INDEX.find("tan thanh", within="68").sure
    assert sure is not None
    assert (sure.name, sure.province.name) == ("Tân Thành", "Lâm Đồng")
    assert INDEX.find("hai chau", within="01").hits == ()
    assert INDEX.find("20242", within="01") == PlaceHits()


@pytest.mark.parametrize(
    ("typed", "province"),
    [("Đà Nẵng", "48"), ("da nang", "48"), ("hn", "01"), ("tphcm", "79"), ("Đăk Lăk", "66")],
)
def test_a_province_alone_is_understood_as_the_province(typed: str, province: str) -> None:
    assert INDEX.find(typed) == PlaceHits((), True, INDEX.province(province))


@pytest.mark.parametrize("typed", ["thái bình", "phu tho", "binh duong", "sài gòn"])
def test_a_name_that_is_also_a_province_is_never_sure(typed: str) -> None:
    found = INDEX.find(typed)
    assert found.hits != ()
    assert found.sure is None


def test_a_hit_by_a_former_name_carries_it() -> None:
    assert [h.former for h in INDEX.find("ben nghe").hits] == ["Bến Nghé"]
    assert [h.former for h in INDEX.find("hai chau").hits] == [None, None]


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "asdfgh", "qwerty uiop", "😀😀😀", "👍", "...", "?", "12", "1", "alo", "abc"),
        *("khong biet", "tôi muốn hỏi", "lorem ipsum dolor sit amet", "20243", "2024", "202421"),
        *("<script>alert(1)</script>", "{{ 7*7 }}", "' OR 1=1 --", "\x00\x00", "\u202eabc", "ß"),
        *("a" * 10_000, "hai chau " * 2_000, "ạ" * 10_000, "phuong " * 28, "1 " * 5_000),
        *("\u0301" * 500, "h\u0301\u0302\u0303\u0309" * 30, "٢٠٢٤٢", "北京市"),
    ],
)
def test_garbage_finds_nothing(typed: str) -> None:
    assert INDEX.find(typed).hits == ()


def test_a_query_takes_milliseconds() -> None:
    typed = [q for q, _ in (*SURE, *OPEN)] + ["asdfgh", "a b c d e f g h i", "phuong " * 28]
    started = time.process_time()
    for query in typed:
        INDEX.find(query)
    assert (time.process_time() - started) / len(typed) < 0.010


def test_units_are_found_by_code() -> None:
    da_nang = Province("48", "Đà Nẵng", "city")
    assert INDEX.get("20242") == Commune("20242", "Hải Châu", "ward", da_nang)
    assert INDEX.get("99999") is None
    assert INDEX.province("48") == da_nang
    assert INDEX.province("99") is None
    assert (len(INDEX.provinces()), len(COMMUNES)) == (34, 3321)


def test_the_index_is_read_once() -> None:
    assert PlaceIndex.load() is INDEX
