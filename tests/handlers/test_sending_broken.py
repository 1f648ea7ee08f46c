"""What once broke sending: each of these was a message lost, doubled, or never let go."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import pytest

from handlers.channel import Later, Unclear, Unreachable
from storage import contacts, deliveries
from storage.database import Connection
from storage.outbox import NOTICE
from storage.seams import to_ms
from storage.writing import Conflict
from tests.handlers.test_delivery import Platform, Post
from tests.world import World

Make = Callable[..., Post]
DAY = 86_400


@pytest.fixture
def post(world: World) -> Make:
    """A maker of posts over a platform with these replies."""
    return lambda *replies, **about: Post(world, Platform(list(replies), **about))


async def _act(office: Post, sender: str) -> None:
    """Let a person do something a second later."""
    office.world.clock.forward(seconds=1)
    acted = {sender: to_ms(office.world.clock.at)}
    await office.parts.database.write(lambda c: contacts.act(c, acted))


async def test_a_notice_this_person_never_gets_lets_the_answers_behind_it_pass(post: Make) -> None:
    office = post(Unreachable("-218", stops=False), Unreachable("-218", stops=False))
    await office.put("zb:a", "news", kind=NOTICE)
    await office.deliver()
    assert await office.rows() == [("news", 1, "queued", "-218")]
    await _act(office, "zb:a")
    await office.put("zb:a", "answer")
    await office.deliver()
    assert await office.rows() == [
        ("news", 2, "unreachable", "-218"),
        ("answer", 1, "sent", None),
    ]


async def test_a_notice_that_waits_for_the_next_month_goes_to_who_writes_now(post: Make) -> None:
    office = post(quota=20)
    await office.put("zb:a", *(f"{n}" for n in range(18)))
    await office.deliver()
    await office.put("zb:b", "news", kind=NOTICE)
    await office.deliver()
    assert (await office.rows())[-1] == ("news", 0, "queued", "quota")
    await _act(office, "zb:b")
    await office.put("zb:b", "answer", acted=False)
    await office.deliver()
    assert [p for s, p in office.platform.came if s == "zb:b"] == ["news", "answer"]


async def test_nobody_who_writes_waits_behind_a_message_that_is_tried_later(post: Make) -> None:
    office = post(Later("426", 3600.0))
    await office.put("zb:a", "one")
    await office.deliver()
    await _act(office, "zb:a")
    await office.put("zb:a", "two", acted=False)
    await office.deliver()
    assert await office.rows() == [("one", 2, "sent", None), ("two", 1, "sent", None)]


async def test_what_nobody_knows_the_fate_of_is_not_sent_a_third_time_when_its_person_writes(
    post: Make,
) -> None:
    office = post(Unclear("timeout"), Unclear("timeout"))
    await office.put("zb:a", "one")
    await office.deliver()
    await _act(office, "zb:a")
    await office.deliver()
    await _act(office, "zb:a")
    await office.deliver()
    assert await office.rows() == [("one", 2, "unknown", "unclear")]


async def test_a_message_on_the_line_longer_than_its_claim_is_not_sent_beside_itself(
    post: Make,
) -> None:
    office = post(gate=asyncio.Event())
    await office.put("zb:a", "one")
    assert await office.loop.once() == 1
    office.world.clock.forward(minutes=10)
    assert await office.loop.once() == 0
    # As after a failure of the loop, with the same message still on the line.
    again = asyncio.create_task(office.loop.run())
    await asyncio.sleep(0.2)
    assert office.platform.gate is not None
    office.platform.gate.set()
    await office._line()
    again.cancel()
    with suppress(asyncio.CancelledError):
        await again
    assert await office.rows() == [("one", 1, "sent", None)]
    assert office.platform.came == [("zb:a", "one")]


@pytest.mark.parametrize("days", [3, -3])
async def test_a_clock_set_days_away_and_right_again_silences_nobody(post: Make, days: int) -> None:
    office = post(Later("429", pauses=True), rate=2.0)
    office.world.clock.forward(days=days)
    await office.put("zb:a", "one")
    await office.deliver()
    office.world.clock.forward(days=-days, seconds=61)
    await office.put("zb:a", "two")
    await office.put("zb:b", "other")
    for _ in range(3):
        await office.deliver()
        office.world.clock.forward(seconds=2)
    assert [status for _, _, status, _ in await office.rows()] == ["sent"] * 3


async def test_who_writes_while_their_refusal_is_on_the_line_is_answered(post: Make) -> None:
    office = post(Unreachable("422"), gate=asyncio.Event())
    await office.put("zb:a", "one")
    assert await office.loop.once() == 1
    await _act(office, "zb:a")
    assert office.platform.gate is not None
    office.platform.gate.set()
    await office.deliver()
    assert (await office.contact("zb:a")).stopped is None
    await office.put("zb:a", "two", acted=False)
    await office.deliver()
    assert await office.rows() == [("one", 1, "unreachable", "422"), ("two", 1, "sent", None)]


async def test_a_notice_refused_while_its_person_writes_is_tried_again_at_once(post: Make) -> None:
    office = post(Unreachable("422"), gate=asyncio.Event())
    await office.put("zb:a", "news", kind=NOTICE)
    assert await office.loop.once() == 1
    await _act(office, "zb:a")
    assert office.platform.gate is not None
    office.platform.gate.set()
    await office.deliver()
    assert await office.rows() == [("news", 2, "sent", None)]


async def test_many_at_once_do_not_overspend_a_month(post: Make) -> None:
    office = post(quota=20)
    await office.put("zb:a", *(f"{n}" for n in range(18)))
    await office.deliver()
    for n in range(5):
        await office.put(f"zb:{n}", "answer")
    await office.deliver()
    assert len(office.platform.came) == 20


async def test_what_is_due_on_a_paused_account_is_not_asked_about_all_the_time(post: Make) -> None:
    office = post(Later("429", 3000.0, pauses=True))
    await office.put("zb:a", "one")
    await office.deliver()
    office.world.clock.forward(seconds=1)
    now_ms = to_ms(office.world.clock.at)
    async with office.parts.database.reading() as connection:
        assert await deliveries.next_due_ms(connection, after_ms=now_ms) is None


async def test_two_that_send_never_begin_with_the_same_message(post: Make) -> None:
    office = post()
    await office.put("zb:a", "one")
    now_ms = to_ms(office.world.clock.at)

    async def claim_twice(connection: Connection) -> None:
        heads = await deliveries.list_heads(
            connection, channel="zalo_bot", bot="1", now_ms=now_ms, limit=9
        )
        await deliveries.claim(connection, heads, now_ms=now_ms)
        await deliveries.claim(connection, heads, now_ms=now_ms)

    with pytest.raises(Conflict):
        await office.parts.database.write(claim_twice)
    assert await office.rows() == [("one", 0, "queued", None)]


async def test_an_outage_of_two_hours_behind_a_gateway_loses_nothing(post: Make) -> None:
    office = post(*[Unclear("http_502")] * 9)
    await office.put("zb:a", "one")
    began = office.world.clock.at
    for _ in range(10):
        await office.deliver()
        async with office.parts.database.reading() as connection:
            due_ms = await deliveries.next_due_ms(connection)
        if due_ms is not None:
            office.world.clock.forward(seconds=(due_ms - to_ms(office.world.clock.at)) / 1000)
    assert await office.rows() == [("one", 10, "sent", None)]
    assert (office.world.clock.at - began).total_seconds() > 7200
