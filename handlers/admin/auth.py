"""Who is calling: the bearer token of a request, as the officer's row is at this moment."""

from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from dialogs.model import Role
from dialogs.rights import APPOINTERS, DECIDERS, READERS
from dialogs.screen import Msg
from handlers.errors import Problem, standard, too_many
from handlers.parts import Parts
from handlers.web.address import limit_key
from storage import officers
from storage.database import Connection
from storage.officers import Signed, hash_token
from storage.seams import to_ms

ROLES: frozenset[Role] = READERS | {"province_viewer", "operator"}
RATE = "api"
CHALLENGE = 'Bearer realm="khaihoc"'
_bearer = HTTPBearer(
    scheme_name="bearer",
    description="A token made by `python -m bot token add`; it is shown once.",
    auto_error=False,
)


def parts_of(request: Request) -> Parts:
    """Return the parts of this installation."""
    parts = request.app.state.parts
    assert isinstance(parts, Parts)
    return parts


InParts = Annotated[Parts, Depends(parts_of)]


async def current_officer(
    request: Request,
    response: Response,
    parts: InParts,
    sent: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Signed:
    """Return the officer of the token, read anew; 401 without, 429 when too much is asked.

    What is answered is about people, so it is stored nowhere.
    """
    response.headers["Cache-Control"] = "no-store"
    if sent is None:
        raise unauthorized()
    token = sent.credentials
    _take(parts, f"token:{hash_token(token)}")
    async with parts.database.reading() as connection:
        found = await officers.get_by_token(connection, token, now_ms=to_ms(parts.now()))
    if found is None:
        _take(parts, f"address:{limit_key(request, parts.trusted_proxies)}")
        raise unauthorized('error="invalid_token"')
    parts.seams.crashpoint("api.signed")
    return found


async def still_signed(connection: Connection, parts: Parts, officer: Signed) -> Signed:
    """Return the officer as token and row are inside this write transaction; 401 if one ended.

    The first thing every write of the API does: a token or an officer revoked while the request
    ran writes nothing, and what is decided goes by the role and place of this moment.
    """
    now_ms = to_ms(parts.now())
    found = await officers.get_signed(connection, officer.credential, now_ms=now_ms, hold=True)
    if found is None:
        raise unauthorized('error="invalid_token"')
    return found


def unauthorized(reason: str = "") -> Problem:
    """Return 401 with the challenge of RFC 6750."""
    challenge = f"{CHALLENGE}, {reason}" if reason else CHALLENGE
    return standard(401, headers={"WWW-Authenticate": challenge})


def _take(parts: Parts, key: str) -> None:
    seconds = parts.limits.take(RATE, key, parts.now().timestamp())
    if seconds > 0:
        raise too_many(seconds)


class Who:
    """A dependency that lets officers of some roles in, and says which (`may_call`)."""

    def __init__(self, *roles: Role) -> None:
        self.may_call = frozenset(roles)

    async def __call__(self, officer: Annotated[Signed, Depends(current_officer)]) -> Signed:
        """Return the officer; 403 for another role."""
        if officer.role not in self.may_call:
            raise Problem(403, "not_allowed", Msg("problem.detail.not_allowed"))
        return officer


def who(*roles: Role) -> Who:
    """Return the check that lets `roles` in: `Annotated[Signed, Depends(who("operator"))]`."""
    return Who(*roles)


AnyOfficer = Annotated[Signed, Depends(who(*ROLES))]
Reader = Annotated[Signed, Depends(who(*READERS))]
Decider = Annotated[Signed, Depends(who(*DECIDERS))]
Appointer = Annotated[Signed, Depends(who(*APPOINTERS))]
