"""How places are written for a reader, in both languages' keys."""

from dialogs.places import (
    Commune,
    PlaceHit,
    PlaceHits,
    Province,
    Village,
    commune_label,
    commune_name,
    hit_label,
    place_label,
    province_label,
    village_label,
)
from dialogs.screen import Msg

DA_NANG = Province("48", "Đà Nẵng", "city")
LAM_DONG = Province("68", "Lâm Đồng", "province")
HAI_CHAU = Commune("20242", "Hải Châu", "ward", DA_NANG)
HOA_TIEN = Commune("20320", "Hòa Tiến", "commune", DA_NANG)
PHU_QUY = Commune("23272", "Phú Quý", "special_zone", LAM_DONG)
GROUP = Village("20242-012", "Tổ 12", "residential_group")
NAMESAKE = Village("20320-001", "Thôn 1", "village", "Hòa Phong")


def test_a_city_and_a_province_have_their_own_words() -> None:
    assert province_label(DA_NANG) == Msg("place.city", {"name": "Đà Nẵng"})
    assert province_label(LAM_DONG) == Msg("place.province", {"name": "Lâm Đồng"})


def test_each_kind_of_commune_has_its_own_word() -> None:
    assert commune_name(HAI_CHAU) == Msg("place.ward", {"name": "Hải Châu"})
    assert commune_name(HOA_TIEN) == Msg("place.commune", {"name": "Hòa Tiến"})
    assert commune_name(PHU_QUY) == Msg("place.special_zone", {"name": "Phú Quý"})


def test_a_commune_label_always_names_the_province() -> None:
    city = Msg("place.city", {"name": "Đà Nẵng"})
    assert commune_label(HAI_CHAU) == Msg("place.ward_in", {"name": "Hải Châu", "province": city})
    assert commune_label(HOA_TIEN) == Msg(
        "place.commune_in", {"name": "Hòa Tiến", "province": city}
    )
    assert commune_label(PHU_QUY) == Msg(
        "place.special_zone_in",
        {"name": "Phú Quý", "province": Msg("place.province", {"name": "Lâm Đồng"})},
    )


def test_a_village_is_called_what_the_place_calls_it() -> None:
    assert village_label(GROUP) == "Tổ 12"
    assert place_label(HAI_CHAU, GROUP) == Msg(
        "place.village_in", {"village": "Tổ 12", "commune": commune_label(HAI_CHAU)}
    )
    assert place_label(HAI_CHAU) == commune_label(HAI_CHAU)


def test_namesakes_after_a_merger_carry_their_old_commune() -> None:
    assert village_label(NAMESAKE) == Msg(
        "place.village_of_old", {"name": "Thôn 1", "old": "Hòa Phong"}
    )


def test_a_hit_by_a_former_name_says_so() -> None:
    assert hit_label(PlaceHit(HAI_CHAU, False)) == commune_label(HAI_CHAU)
    assert hit_label(PlaceHit(HAI_CHAU, False, "Thạch Thang")) == Msg(
        "place.took_over", {"commune": commune_label(HAI_CHAU), "former": "Thạch Thang"}
    )


def test_a_village_knows_its_commune() -> None:
    assert GROUP.commune_code == "20242"


def test_only_an_exact_hit_is_sure() -> None:
    assert PlaceHits((PlaceHit(HAI_CHAU, True),)).sure == HAI_CHAU
    assert PlaceHits((PlaceHit(HAI_CHAU, False),)).sure is None
    assert PlaceHits().sure is None
