"""What a sequence is made of: its people, its officers, deeds done for real and in the book."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID

from tests.model.phone import Body, Event, Phone
from tests.model.reading import Seen
from tests.model.reference import Book
from tests.model.stage import Hired, Stage

Rule = Callable[[Book], object]


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing done: `act` for real, `rule` in the reference; outcomes are compared if any."""

    act: Callable[[], Awaitable[object]]
    rule: Rule


@dataclass(slots=True)
class Officer:
    """An officer with a phone and an API client; `versions` as the API gave them."""

    hired: Hired
    phone: Phone
    versions: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Scene:
    """The people of one sequence, their officers and the reference's book."""

    stage: Stage
    book: Book = field(default_factory=Book)
    phones: dict[str, Phone] = field(default_factory=dict)
    officers: dict[str, Officer] = field(default_factory=dict)
    late: list[tuple[str, Event, Rule]] = field(default_factory=list)
    seen: Seen = field(default_factory=Seen)
    commune: str = ""
    steps: int = 0
    drawn: int = 0

    def deed(
        self, phone: Phone, event: Event, rule: Rule, fault: str = "none", ticks: int = 0
    ) -> Deed:
        """A message of a phone, and what it does to the book."""

        async def act() -> None:
            phone.hear(await phone.deliver(event, fault, ticks))

        return Deed(act, rule)

    def event(self, body: Body) -> Event:
        """A message with an id of its own."""
        return Event("events", json={"event_id": self.id(), **body})

    def id(self) -> str:
        """Return an id that nothing else has."""
        self.drawn += 1
        return str(UUID(int=self.stage.used << 64 | self.drawn))
