"""A town full of people for tests of sums: all they do is written by apply, as it really is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from dialogs import effects as e
from dialogs import review
from dialogs.changes import changed
from dialogs.errors import Refused
from dialogs.model import Declaration, Officer
from dialogs.state import State
from storage import conversations, inbox, officers, retention
from storage.conversations import Conversation
from storage.database import Connection, Database
from storage.declarations import get_file
from storage.demo import mark_demo
from storage.effects import TurnWrite, apply_decision, apply_turns
from storage.inbox import Arrival
from storage.recount import Difference, list_differences
from storage.seams import to_ms
from tests.world import COMMUNE, World

# Communes with their provinces.
PLACES: Final = ((COMMUNE, "48"), ("20194", "48"), ("00070", "01"))
Said = Literal["begin", "move_house", "submit", "withdraw", "erase"]
Done = Literal["approve", "return", "reject", "undo", "correct", "expire", "demo"]
EIGHTS: Final = 2


@dataclass(slots=True)
class Town:
    """People by number; what cannot be done at the moment is left undone."""

    world: World
    leaders: dict[str, Officer]

    @property
    def database(self) -> Database:
        """The program's own."""
        return self.world.program.parts.database

    async def speak(
        self, said: Sequence[tuple[int, Said, int]], database: Database | None = None
    ) -> None:
        """Let people each say one thing, all in one batch of turns."""
        now = self.world.clock.at
        tokens = {person: self.world.chance.token() for person, *_ in said}

        async def work(connection: Connection) -> None:
            new = [Conversation(0, "web", "", _sender(p), 1, State()) for p in tokens]
            await conversations.add_conversations(connection, new)
            arrivals = [
                Arrival("web", _sender(p), token[:32], "{}", to_ms(now))
                for p, token in tokens.items()
            ]
            kept = await inbox.add(connection, arrivals)
            known = await conversations.load(connection, [c.sender for c in new])
            turns = []
            for person, action, choice in said:
                own, token = known[_sender(person)], tokens[person]
                effects = self._effects(own, action, choice, token)
                message = kept[token[:32]][0]
                turns.append(TurnWrite(message, own.id, own.version, State(), effects, (), None))
            await apply_turns(connection, turns, now=now)

        await (database or self.database).write(work)

    def _effects(
        self, own: Conversation, action: Said, choice: int, token: str
    ) -> tuple[e.Effect, ...]:
        file = own.declaration
        commune, province = PLACES[choice % 3]
        village = f"{commune}-{choice % 4:03}" if choice % 4 else None
        typed = None if village else "tổ mười hai"
        criteria = self.world.program.parts.library.current("citizen", 2026)
        if file is None:
            consent, period = e.ConsentText("1", "Đồng ý", "vi"), 2025 + choice % 2
            begun = e.BeginDeclaration(
                "citizen", period, criteria.version, province, commune, village, typed,
                token[:22], consent,
            )  # fmt: skip
            return (begun,) if action == "begin" else ()
        match action:
            case "move_house" if file.status == "draft":
                return (e.SetPlace(file.id, province, commune, village, typed),)
            case "submit" if file.status in ("draft", "returned"):
                answers = dict.fromkeys(criteria.codes, EIGHTS)
                saved = [e.SaveAnswer(file.id, code, option) for code, option in answers.items()]
                whole, now = changed(file, answers=answers), self.world.clock.at
                moved = review.submit(whole, criteria, difficult=False, now=now, token=token)
                return (*saved, *moved)
            case "withdraw" if file.status == "submitted":
                return review.withdraw(file, now=self.world.clock.at)
            case "erase" if own.person is not None:
                return (e.Forget(own.person.id, "erased"),)
        return ()

    async def do(
        self, person: int, action: Done, choice: int, database: Database | None = None
    ) -> None:
        """Let an officer, or time, do something to a person's file."""
        at_ms = to_ms(self.world.clock.at)

        async def work(connection: Connection) -> None:
            found = await conversations.load(connection, [_sender(person)])
            own = found.get(_sender(person))
            if own is None or own.declaration is None or own.person is None:
                return
            file = own.declaration
            if action == "demo":
                await mark_demo(connection, [file.id])
            elif action == "expire":
                if file.status == "draft":
                    number, later = own.person.id, at_ms + 1
                    await retention.forget_idle(connection, number, before_ms=later, at_ms=at_ms)
            else:
                await self._decide(connection, file, action, choice)

        await (database or self.database).write(work)

    async def _decide(
        self, connection: Connection, file: Declaration, action: Done, choice: int
    ) -> None:
        found = await get_file(connection, scope=file.commune, public_id=file.public_id)
        if found is not None:
            try:
                effects = self._rule(found.declaration, action, choice)
            except Refused:
                return
            await apply_decision(connection, effects, now=self.world.clock.at)

    def _rule(self, file: Declaration, action: Done, choice: int) -> review.Outcome:
        parts, by, now = self.world.program.parts, self.leaders[file.commune], self.world.clock.at
        criteria, rules, seen = parts.sets[file.criteria], parts.rules, file.version
        match action:
            case "approve":
                return review.approve(
                    file, criteria, by, seen=seen, now=now, difficult=False, rules=rules, via="api"
                )
            case "return":
                return review.request_additions(
                    file, criteria, by, seen=seen, items=[review.asked("A2", "blurry_photo")],
                    now=now, today=now.date(), rules=rules, via="api",
                )  # fmt: skip
            case "reject":
                return review.reject(
                    file, by, seen=seen, reason="Chưa đủ", now=now, rules=rules, via="api"
                )
            case "undo":
                return review.undo(file, by, now=now, via="api")
        village = f"{file.commune}-{1 + choice % 4:03}"
        return review.correct(file, by, seen=seen, now=now, via="api", village=village)

    async def list_wrong(self) -> list[Difference]:
        """Hold the sums against the files."""
        return await self.database.read(list_differences)


def _sender(person: int) -> str:
    return f"person-{person}"


async def settle(world: World) -> Town:
    """Give the town its officers."""

    async def work(connection: Connection) -> dict[str, Officer]:
        leaders = {}
        for commune, _ in PLACES:
            number = await officers.add_officer(
                connection, name="Cán bộ mẫu", role="commune_leader", place=commune, at_ms=1
            )
            leaders[commune] = Officer(number, "Cán bộ mẫu", "commune_leader", commune)
        return leaders

    return Town(world, await world.program.parts.database.write(work))
