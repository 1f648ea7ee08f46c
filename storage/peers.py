"""The processes of one installation: who is there, what they tell each other, who holds what."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

from storage.database import Database

ROLES = ("web", "turns", "deliveries", "jobs")
AGAIN_SECONDS = 0.02


class Peers:
    """This process alone, as on SQLite: nobody to tell, everything is ours."""

    def count(self, role: str) -> int:
        """Return how many processes have a role, this one included."""
        return 1

    def tell(self, word: str) -> None:
        """Tell the other processes a word without line breaks; it may be lost."""

    async def hold(self, name: str) -> bool:
        """Try to be the only process that works on `name`; True when we are."""
        return True

    async def release(self, name: str) -> None:
        """Let go of what `hold` gave."""

    @asynccontextmanager
    async def alone_with(self, names: Iterable[str]) -> AsyncIterator[None]:
        """Wait until no other process works on `names`, and keep it so inside the block."""
        wanted = sorted(set(names))
        try:
            for name in wanted:
                await self._get(name)
            yield
        finally:
            for name in wanted:
                await self.release(name)

    async def _get(self, name: str) -> None:
        held = await self.hold(name)
        while not held:
            await asyncio.sleep(AGAIN_SECONDS)
            held = await self.hold(name)

    async def join(self, roles: Iterable[str], hear: Callable[[str], None]) -> None:
        """Take part with these roles; `hear` is given what other processes tell."""

    async def leave(self) -> None:
        """Take part no more."""


def peers_of(database: Database) -> Peers:
    """Return the peers of the processes that share a database."""
    if database.is_shared:
        from storage.far_peers import FarPeers

        return FarPeers(database.engine)
    return Peers()
