"""Places as words: province, commune, village, and how each is written for a reader.

There is no level between province and commune: it was abolished on 1 July 2025. A unit's identity
is its official code, never its name: 245 commune names occur more than once.
"""

from dataclasses import dataclass
from typing import Literal

from dialogs.screen import Msg, Value

ProvinceKind = Literal["province", "city"]
CommuneKind = Literal["commune", "ward", "special_zone"]
VillageKind = Literal[
    "village",  # thôn
    "residential_group",  # tổ dân phố, tổ
    "quarter",  # khu phố, khu
    "block",  # khóm
    "hamlet",  # ấp
    "xom",  # xóm
    "lang",  # làng
    "ban",  # bản
    "buon",  # buôn
    "bon",  # bon
    "plei",  # plei, plây
    "soc",  # sóc, phum
    "sub_quarter",  # tiểu khu, cụm
    "other",
]

_PROVINCE: dict[ProvinceKind, str] = {"province": "place.province", "city": "place.city"}
_COMMUNE: dict[CommuneKind, str] = {
    "commune": "place.commune",
    "ward": "place.ward",
    "special_zone": "place.special_zone",
}
_COMMUNE_IN: dict[CommuneKind, str] = {
    "commune": "place.commune_in",
    "ward": "place.ward_in",
    "special_zone": "place.special_zone_in",
}


@dataclass(frozen=True, slots=True)
class Province:
    """A province or centrally run city: official code of 2 digits, name without type word."""

    code: str
    name: str
    kind: ProvinceKind


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune, ward or special zone: official code of 5 digits, name without type word."""

    code: str
    name: str
    kind: CommuneKind
    province: Province


@dataclass(frozen=True, slots=True)
class Village:
    """A village or residential group of a commune.

    `code` is `<commune>-<3 digits>`; `name` is what the place calls itself, type word included
    ("Tổ 12", "thôn 3"); `old_commune` tells namesakes apart after a merger.
    """

    code: str
    name: str
    kind: VillageKind
    old_commune: str | None = None

    @property
    def commune_code(self) -> str:
        """The code of the commune this village belongs to."""
        return self.code.partition("-")[0]


@dataclass(frozen=True, slots=True)
class PlaceHit:
    """A commune that a query may mean; `exact` only when it can mean no other.

    `former` is the abolished commune that was named, when this one took over it or a part of it.
    """

    commune: Commune
    exact: bool
    former: str | None = None


@dataclass(frozen=True, slots=True)
class PlaceHits:
    """The answer to a place query, best hits first.

    `more` is true when further communes fit as well, so that the dialog asks for the province.
    `province` is the single province the query names, if it names one: with no hits, the query
    was a province and nothing else.
    """

    hits: tuple[PlaceHit, ...] = ()
    more: bool = False
    province: Province | None = None

    @property
    def sure(self) -> Commune | None:
        """The commune the query names beyond doubt, else None."""
        return self.hits[0].commune if self.hits and self.hits[0].exact else None


def province_label(province: Province) -> Msg:
    """Return "tỉnh Lâm Đồng" or "TP. Đà Nẵng"."""
    return Msg(_PROVINCE[province.kind], {"name": province.name})


def commune_name(commune: Commune) -> Msg:
    """Return "phường Hải Châu": enough where the province is already known."""
    return Msg(_COMMUNE[commune.kind], {"name": commune.name})


def commune_label(commune: Commune) -> Msg:
    """Return "phường Hải Châu, TP. Đà Nẵng": names one unit of the country to any reader."""
    values: dict[str, Value] = {"name": commune.name, "province": province_label(commune.province)}
    return Msg(_COMMUNE_IN[commune.kind], values)


def hit_label(hit: PlaceHit) -> Msg:
    """Return the commune's label, with the abolished name it was found by, if it was."""
    if hit.former is None:
        return commune_label(hit.commune)
    values: dict[str, Value] = {"commune": commune_label(hit.commune), "former": hit.former}
    return Msg("place.took_over", values)


def village_label(village: Village) -> Msg | str:
    """Return "Tổ 12", or "Thôn 1 (Hòa Tiến cũ)" where namesakes came together in a merger."""
    if village.old_commune is None:
        return village.name
    return Msg("place.village_of_old", {"name": village.name, "old": village.old_commune})


def place_label(commune: Commune, village: Village | None = None) -> Msg:
    """Return "tổ 12, phường Hải Châu, TP. Đà Nẵng", or the commune alone without a village."""
    if village is None:
        return commune_label(commune)
    values: dict[str, Value] = {
        "village": village_label(village),
        "commune": commune_label(commune),
    }
    return Msg("place.village_in", values)
