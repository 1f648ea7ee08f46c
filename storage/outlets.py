"""The accounts that send: an even pace, pauses, the share of a month; one for all processes."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.database import Connection
from storage.models import outlet
from storage.prepared import Prepared, columns

# No platform asks for longer; after it the account is tried again, and pauses anew.
LONGEST_PAUSE_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Outlet:
    """How an account stands. `sent` counts the messages of `month` ("2026-11")."""

    next_ms: int = 0
    paused_ms: int | None = None
    paused_for: str | None = None
    month: str = ""
    sent: int = 0

    def is_paused(self, now_ms: int) -> bool:
        """Tell whether it may not send yet; a clock that was set back makes no long pause."""
        return self.paused_ms is not None and 0 < self.paused_ms - now_ms <= LONGEST_PAUSE_MS

    def spent(self, month: str) -> int:
        """Return how many messages went out in a month, the present one or a new one."""
        return self.sent if self.month == month else 0


_COLUMNS = ("next_ms", "paused_ms", "paused_for", "month", "sent")
_KEY = ("channel", "bot")
_FOUND = Prepared(
    select(*(outlet.c[name] for name in _COLUMNS)).where(
        *(outlet.c[name] == bindparam(name) for name in _KEY)
    )
)


def _setting(*names: str) -> Prepared:
    """Return the statement that sets these columns of an account, known or not."""
    every = (*_KEY, *names)
    given = columns("given", **{name: outlet.c[name].type for name in every})
    plain: dict[str, Any] = {name: bindparam(name) for name in every}
    sqlite = sqlite_insert(outlet).values(plain)
    postgresql = postgresql_insert(outlet).from_select(list(every), select(*given.c))
    return Prepared(
        sqlite=sqlite.on_conflict_do_update(
            index_elements=list(_KEY), set_={name: sqlite.excluded[name] for name in names}
        ),
        postgresql=postgresql.on_conflict_do_update(
            index_elements=list(_KEY), set_={name: postgresql.excluded[name] for name in names}
        ),
    )


_SPENT, _PAUSED = _setting("next_ms", "month", "sent"), _setting("paused_ms", "paused_for")


async def get(connection: Connection, channel: str, bot: str) -> Outlet:
    """Return how an account stands; one that never sent is fresh."""
    found = await _FOUND.rows(connection, channel=channel, bot=bot)
    return Outlet(*found[0]) if found else Outlet()


async def spend(
    connection: Connection, channel: str, bot: str, *, count: int, next_ms: int, month: str
) -> None:
    """Note that `count` messages leave, after which the pace allows the next at `next_ms`."""
    before = (await get(connection, channel, bot)).spent(month)
    values = {"next_ms": next_ms, "month": month, "sent": before + count}
    await _SPENT.write(connection, [{"channel": channel, "bot": bot, **values}])


async def pause(
    connection: Connection, channel: str, bot: str, *, until_ms: int | None, code: str | None
) -> None:
    """Send nothing on an account until a moment, and keep why; None ends the pause."""
    values = {"paused_ms": until_ms, "paused_for": code and code[:40]}
    await _PAUSED.write(connection, [{"channel": channel, "bot": bot, **values}])
