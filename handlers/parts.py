"""What every door and loop works with, built once by `bot.app`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from ipaddress import IPv4Network, IPv6Network
from zoneinfo import ZoneInfo

from dialogs.criteria import CriteriaSet
from dialogs.facts import Rules
from handlers.blocks import Blocks
from handlers.i18n import Words
from handlers.limits import Limits
from handlers.measures import Measures
from handlers.wake import Wake
from storage.criteria import CriteriaLibrary
from storage.database import Database
from storage.peers import Peers
from storage.photos import Incoming, PhotoStore
from storage.seams import Seams
from storage.search import PlaceIndex


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one installation. `secret(purpose)` derives a key; `sets` holds every known
    criteria version, those pinned by old declarations included.
    """

    database: Database
    seams: Seams
    rules: Rules
    zone: ZoneInfo
    words: Words
    library: CriteriaLibrary
    sets: Mapping[str, CriteriaSet]
    index: PlaceIndex
    photos: PhotoStore
    incoming: Incoming
    limits: Limits
    wake: Wake
    peers: Peers
    secret: Callable[[str], bytes]
    photo_max_bytes: int
    public_url: str
    secure_cookies: bool
    blocks: Blocks
    measures: Measures
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    # Empty: /metrics is for this machine alone.
    metrics_token: str = ""
    # How long an invitation or officer link can be used.
    officer_link_minutes: int = 15

    def now(self) -> datetime:
        """Return the present moment, aware UTC."""
        return self.seams.now()

    def today(self) -> date:
        """Return today's date where the people are."""
        return self.seams.now().astimezone(self.zone).date()
