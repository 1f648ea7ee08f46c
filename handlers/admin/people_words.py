"""Officers and tokens in the words of the API."""

from dialogs.model import Officer
from dialogs.places import Village, place_label, province_label
from dialogs.rights import commune_of, may_appoint
from dialogs.screen import Text
from handlers.admin import people_schemas as p
from handlers.admin.ids import officer_id
from handlers.admin.words import texts
from handlers.parts import Parts
from storage.credentials import Token, id_of
from storage.officers import Listed, Signed


def to_officer(parts: Parts, by: Officer, listed: Listed) -> p.OfficerOut:
    """Return an officer as `by` may see it."""
    own, label = listed.officer, _label(parts, listed)
    return p.OfficerOut(
        id=officer_id(parts, own.id),
        name=own.name,
        role=own.role,
        place=own.place,
        place_name=texts(parts.words, label) if label else None,
        revoked=listed.revoked,
        invited_at=listed.at,
        may_revoke=not listed.revoked and may_appoint(by, own.role, own.place),
    )


def _label(parts: Parts, listed: Listed) -> Text | None:
    place = listed.officer.place
    commune = parts.index.get(commune_of(place) or "")
    if commune is not None:
        known = Village(place, listed.village, "village") if listed.village else None
        return place_label(commune, known)
    province = parts.index.province(place)
    return province_label(province) if province else None


def to_token(parts: Parts, by: Signed, token: Token) -> p.TokenOut:
    """Return a token; whether it is the one of this call, too."""
    return p.TokenOut(
        id=token.id,
        officer=officer_id(parts, token.officer_id),
        made_at=token.at,
        expires_at=token.expires_at,
        current=token.id == id_of(by.credential),
    )
