"""The processes of one installation: who is there, what they tell each other, who holds what."""

from collections.abc import Callable, Iterable

from storage.database import Database

ROLES = ("web", "turns", "deliveries", "jobs")


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
