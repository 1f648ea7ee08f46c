"""Which page made a request: ours, or another site's with this browser's cookie."""

from urllib.parse import urlsplit

from starlette.requests import Request

from dialogs.screen import Msg
from handlers.callers import Caller
from handlers.errors import Problem


class SameSite:
    """Refuses what another site's page sends with this browser's cookie.

    `may_call` names who holds such a cookie; the cookie itself is read by each route.
    """

    def __init__(self, caller: Caller, public_url: str) -> None:
        self.may_call = frozenset((caller,))
        self._host = urlsplit(public_url).netloc

    async def __call__(self, request: Request) -> None:
        """Raise 403 for a request that a page of another site made."""
        self.check(request)

    def check(self, request: Request) -> None:
        """Raise 403 as well, for who need not wait."""
        if request.method == "POST" and is_foreign(request, self._host):
            raise Problem(403, "not_allowed", Msg("problem.other_site"))


def is_foreign(request: Request, host: str) -> bool:
    """Tell whether a page of another site than `host` (or the one asked for) made the request.

    Browsers say it in `Sec-Fetch-Site`, older ones in `Origin` alone; programs say neither.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and _host_of(origin) not in (host, request.headers.get("host"))


def _host_of(origin: str) -> str | None:
    """Return host and port of an origin; None for an opaque one ("null") or what is none."""
    try:
        return urlsplit(origin).netloc or None
    except ValueError:
        return None
