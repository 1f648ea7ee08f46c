"""Messages on their way out, against a platform that refuses in every way a real one does."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import insert, select, update

from dialogs.events import Event
from dialogs.screen import Screen
from dialogs.state import State
from handlers.channel import HumanNeeded, Later, NotSent, Unclear, Unreachable, Window, Wrong
from handlers.delivery import Deliveries
from handlers.i18n import Words
from storage import contacts, deliveries, outlets
from storage.contacts import Contact
from storage.conversations import Conversation, add_conversations
from storage.database import Connection
from storage.deliveries import Outgoing
from storage.inbox import Kept
from storage.models import conversation, outbox
from storage.outbox import ANSWER, NOTICE
from storage.seams import to_ms
from tests.world import World

HOUR_MS = 3_600_000
Row = tuple[str, int, str | None, str | None]


@dataclass
class Platform:
    """Takes messages, or refuses each as `replies` say, one after another; keeps what came."""

    replies: list[NotSent | None] = field(default_factory=list)
    came: list[tuple[str, str]] = field(default_factory=list)
    window: Window | None = None
    rate: float = 1000.0
    quota: int = 0
    name: str = "zalo_bot"
    identity: str = "1"
    fetched: bool = False
    gate: asyncio.Event | None = None

    async def send(self, sender: str, payload: str) -> str:
        """Take a message, unless it is time to refuse one."""
        self.came.append((sender, payload))
        if self.gate is not None:
            await self.gate.wait()
        reply = self.replies.pop(0) if self.replies else None
        if reply is not None:
            raise reply
        return f"m{len(self.came)}"

    def read(self, message: Kept, state: State) -> Event:
        """Nothing is said to this platform."""
        raise NotImplementedError

    def render(self, screen: Screen, *, id: str, words: Words, state: State) -> tuple[str, ...]:
        """Nothing is rendered for it either."""
        raise NotImplementedError


class Post:
    """A few messages in the outbox, and what became of them."""

    def __init__(self, world: World, platform: Platform) -> None:
        self.world, self.platform = world, platform
        self.parts = world.program.parts
        self.loop = Deliveries(self.parts, {"zalo_bot": platform})

    async def put(
        self, sender: str, *payloads: str, kind: int = ANSWER, acted: bool = True
    ) -> None:
        """Queue messages to a sender who wrote a moment ago, unless they never did."""
        now_ms = to_ms(self.world.clock.at)

        async def work(connection: Connection) -> None:
            new = Conversation(0, "zalo_bot", "1", sender, 1, State())
            await add_conversations(connection, [new])
            mine = select(conversation.c.id).where(conversation.c.sender == sender)
            number = (await connection.execute(mine)).scalar_one()
            # Somebody who was never here is forgotten with everything that waits for them.
            here = update(conversation).where(conversation.c.id == number)
            await connection.execute(here.values(seen_ms=now_ms))
            latest = select(outbox.c.inbox_id).order_by(outbox.c.inbox_id.desc()).limit(1)
            first = ((await connection.execute(latest)).scalar_one_or_none() or 0) + 1
            rows = [
                {
                    "inbox_id": first + n,
                    "n": 0,
                    "conversation_id": number,
                    "payload": payload,
                    "status": "queued",
                    "at_ms": now_ms,
                    "kind": kind,
                }
                for n, payload in enumerate(payloads)
            ]
            await connection.execute(insert(outbox), rows)
            if acted:
                await contacts.act(connection, {sender: now_ms})

        await self.parts.database.write(work)

    async def deliver(self) -> None:
        """Send until nothing more may leave at this moment."""
        await self._line()
        while await self.loop.once():
            await self._line()

    async def _line(self) -> None:
        """Wait until nothing is on the line."""
        tasks = [t for t in asyncio.all_tasks() if t.get_name().startswith("send-")]
        await asyncio.gather(*tasks)

    async def rows(self) -> list[Row]:
        """Return payload, attempts, status and error of every message."""
        o = outbox.c
        query = select(o.payload, o.attempts, o.status, o.error).order_by(o.inbox_id)
        async with self.parts.database.reading() as connection:
            return [tuple(row) for row in await connection.execute(query)]

    async def contact(self, sender: str) -> Contact:
        """Return what is known of a sender."""
        async with self.parts.database.reading() as connection:
            return (await contacts.get(connection, [sender]))[sender]


Make = Callable[..., Post]


@pytest.fixture
def post(world: World) -> Make:
    """A maker of posts over a platform with these replies."""
    return lambda *replies, **about: Post(world, Platform(list(replies), **about))


async def test_messages_of_a_conversation_leave_in_order_and_are_kept_with_their_ids(
    post: Make,
) -> None:
    office = post()
    await office.put("zb:a", "one", "two", "three")
    await office.put("zb:b", "eins")
    await office.deliver()
    assert [p for s, p in office.platform.came if s == "zb:a"] == ["one", "two", "three"]
    assert await office.rows() == [
        (text, 1, "sent", None) for text in ("one", "two", "three", "eins")
    ]


async def test_nothing_leaves_behind_a_message_that_is_on_the_line(post: Make) -> None:
    office = post(gate=asyncio.Event())
    await office.put("zb:a", "one", "two")
    assert await office.loop.once() == 1
    assert await office.loop.once() == 0
    assert office.platform.gate is not None
    office.platform.gate.set()
    await office.deliver()
    assert [p for _, p in office.platform.came] == ["one", "two"]


async def test_a_message_whose_fate_nobody_knows_is_sent_once_more_and_then_left(
    post: Make,
) -> None:
    office = post(Unclear("timeout"), Unclear("timeout"))
    await office.put("zb:a", "one")
    for _ in range(3):
        await office.deliver()
        office.world.clock.forward(seconds=10)
    assert await office.rows() == [("one", 2, "unknown", "unclear")]


async def test_what_a_killed_process_was_sending_is_sent_once_more(post: Make) -> None:
    office = post()
    await office.put("zb:a", "one")
    now_ms = to_ms(office.world.clock.at)

    async def die(connection: Connection) -> None:
        heads = await deliveries.list_heads(
            connection, channel="zalo_bot", bot="1", now_ms=now_ms, limit=9
        )
        await deliveries.claim(connection, heads, now_ms=now_ms)

    await office.parts.database.write(die)
    await office.deliver()
    assert await office.rows() == [("one", 1, "sending", None)]
    office.world.clock.forward(seconds=61)
    await office.deliver()
    assert await office.rows() == [("one", 2, "sent", None)]


async def test_a_claim_that_ran_out_records_nothing(post: Make) -> None:
    office = post()
    await office.put("zb:a", "one")
    now_ms = to_ms(office.world.clock.at)

    async def claim(connection: Connection) -> list[Outgoing]:
        await deliveries.recover(connection, now_ms=now_ms, all_claims=True)
        heads = await deliveries.list_heads(
            connection, channel="zalo_bot", bot="1", now_ms=now_ms, limit=9
        )
        await deliveries.claim(connection, heads, now_ms=now_ms)
        return [replace(row, attempts=row.attempts + 1) for row in heads]

    (late,) = await office.parts.database.write(claim)
    (present,) = await office.parts.database.write(claim)
    recorded = [
        await office.parts.database.write(lambda c: deliveries.record(c, late, "failed")),
        await office.parts.database.write(lambda c: deliveries.record(c, present, "sent")),
    ]
    assert recorded == [False, True]
    assert await office.rows() == [("one", 2, "sent", None)]


async def test_what_may_pass_is_tried_again_with_growing_pauses_and_then_failed(
    post: Make,
) -> None:
    office = post(*[Later("503")] * 20)
    await office.put("zb:a", "one")
    waits = []
    for _ in range(11):
        await office.deliver()
        async with office.parts.database.reading() as connection:
            due_ms = await deliveries.next_due_ms(connection)
        if due_ms is not None:
            waits.append((due_ms - to_ms(office.world.clock.at)) // 1000)
            office.world.clock.forward(seconds=waits[-1])
    assert waits == [2, 5, 15, 60, 300, 900, 1800, 3600, 3600, 3600]
    assert await office.rows() == [("one", 11, "failed", "503")]


async def test_a_person_who_cannot_be_reached_stops_until_they_write(post: Make) -> None:
    office = post(Unreachable("422"))
    await office.put("zb:a", "one")
    await office.deliver()
    await office.put("zb:a", "two", acted=False)
    await office.put("zb:a", "news", kind=NOTICE, acted=False)
    await office.deliver()
    assert (await office.contact("zb:a")).stopped == "422"
    assert await office.rows() == [
        ("one", 1, "unreachable", "422"),
        ("two", 0, "unreachable", "422"),
        ("news", 0, "queued", "422"),
    ]
    acted = {"zb:a": to_ms(office.world.clock.at)}
    await office.parts.database.write(lambda c: contacts.act(c, acted))
    await office.deliver()
    assert (await office.rows())[-1] == ("news", 1, "sent", None)


@pytest.mark.parametrize("refusal", [Later("429", 30, pauses=True), HumanNeeded("-14020")])
async def test_an_account_that_may_not_send_pauses_whole_and_loses_nothing(
    post: Make, refusal: NotSent
) -> None:
    office = post(refusal, rate=1.0)
    await office.put("zb:a", "one")
    await office.put("zb:b", "two")
    await office.deliver()
    assert len(office.platform.came) == 1
    office.world.clock.forward(seconds=20)
    await office.deliver()
    assert len(office.platform.came) == 1
    for _ in range(3):
        office.world.clock.forward(seconds=50)
        await office.deliver()
    assert sorted(await office.rows()) == [("one", 2, "sent", None), ("two", 1, "sent", None)]


async def test_the_pace_of_an_account_holds_over_all_its_people(post: Make) -> None:
    office = post(rate=2.0)
    for n in range(6):
        await office.put(f"zb:{n}", "hello")
    counted = []
    for _ in range(5):
        await office.deliver()
        counted.append(len(office.platform.came))
        office.world.clock.forward(seconds=1)
    assert counted == [2, 4, 6, 6, 6]


async def test_a_notice_waits_where_it_would_cost_and_goes_when_the_person_writes(
    post: Make,
) -> None:
    office = post(window=Window(48 * HOUR_MS, 168 * HOUR_MS))
    await office.put("zb:a", "hello")
    await office.deliver()
    office.world.clock.forward(hours=49)
    await office.put("zb:a", "news", kind=NOTICE, acted=False)
    await office.deliver()
    assert (await office.rows())[-1] == ("news", 0, "queued", "window_paid")
    await office.put("zb:a", "answer")
    await office.deliver()
    assert [p for _, p in office.platform.came] == ["hello", "news", "answer"]


async def test_a_month_is_not_overspent_and_its_last_tenth_is_for_answers(post: Make) -> None:
    office = post(quota=20)
    await office.put("zb:a", *(f"{n}" for n in range(18)))
    await office.deliver()
    await office.put("zb:b", "news", kind=NOTICE)
    await office.put("zb:c", "x", "y", "z")
    await office.deliver()
    assert [row for row in await office.rows() if row[2] != "sent"] == [
        ("news", 0, "queued", "quota"),
        ("z", 0, "queued", "quota"),
    ]
    office.world.clock.forward(days=30)
    await office.deliver()
    assert [row for row in await office.rows() if row[2] != "sent"] == [("z", 0, "expired", "old")]


async def test_a_question_asked_again_and_again_while_nothing_left_is_sent_once(
    post: Make,
) -> None:
    office = post()
    await office.put("zb:a", "ask", "ask", "ask", "more")
    await office.deliver()
    assert [p for _, p in office.platform.came] == ["ask", "more"]
    statuses = [status for _, _, status, _ in await office.rows()]
    assert statuses == ["expired", "expired", "sent", "sent"]


async def test_a_defect_of_ours_fails_its_message_alone(post: Make) -> None:
    office = post(Wrong("-210"), ValueError("never said"))
    await office.put("zb:a", "one", "two", "three")
    await office.deliver()
    assert await office.rows() == [
        ("one", 1, "failed", "-210"),
        ("two", 1, "failed", "defect"),
        ("three", 1, "sent", None),
    ]


async def test_a_pause_is_kept_for_operators_to_see(post: Make) -> None:
    office = post(Later("429", 30, pauses=True))
    await office.put("zb:a", "one")
    await office.deliver()
    async with office.parts.database.reading() as connection:
        found = await outlets.get(connection, "zalo_bot", "1")
    until_ms = to_ms(office.world.clock.at) + 30_000
    assert (found.paused_ms, found.paused_for) == (until_ms, "429")
