"""Who is calling: the bearer token of a request, as the officer's row is at this moment."""

from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from dialogs.model import Officer, Role
from dialogs.rights import DECIDERS, READERS
from dialogs.screen import Msg
from handlers.errors import Problem, standard, too_many
from handlers.parts import Parts
from handlers.web.address import limit_key
from storage import officers
from storage.officers import hash_token
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
) -> Officer:
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

    async def __call__(self, officer: Annotated[Officer, Depends(current_officer)]) -> Officer:
        """Return the officer; 403 for another role."""
        if officer.role not in self.may_call:
            raise Problem(403, "not_allowed", Msg("problem.detail.not_allowed"))
        return officer


def who(*roles: Role) -> Who:
    """Return the check that lets `roles` in: `Annotated[Officer, Depends(who("operator"))]`."""
    return Who(*roles)


AnyOfficer = Annotated[Officer, Depends(who(*ROLES))]
Reader = Annotated[Officer, Depends(who(*READERS))]
Decider = Annotated[Officer, Depends(who(*DECIDERS))]
