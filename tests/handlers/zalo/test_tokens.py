"""Each refresh token is used once, or one alarm calls a human; nothing is used uncommitted."""

import asyncio
import io
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot.logs import configure
from handlers.channel import HumanNeeded, Later
from handlers.zalo.oa import Tokens
from handlers.zalo.sealing import Pair
from handlers.zalo.tokens import OaTokens, Times
from storage.database import DatabaseGone
from tests.databases import Template
from tests.fakes.faulty import Fault
from tests.fakes.zalo_oauth import UNKNOWN, USED
from tests.handlers.zalo.account import QUICK, Account, Died, Log, alarms, opened

PATIENT = Times(answer=5.0, lease=12.0, wait=8.0, look=0.01)


@pytest.fixture
async def account(tmp_path: Path, template: Template) -> AsyncIterator[Account]:
    """An account to which an admin has consented."""
    async with opened(tmp_path / "var", template) as found:
        await found.seed()
        yield found


@pytest.fixture
async def new(tmp_path: Path, template: Template) -> AsyncIterator[Account]:
    """An account of which nothing is kept."""
    async with opened(tmp_path / "var", template) as found:
        yield found


async def test_the_first_pair_comes_from_the_settings_once_and_is_kept_sealed(new: Account) -> None:
    given = new.zalo.consent()
    first = Pair(given["access_token"], given["refresh_token"], 90_000)
    assert await new.process(first=first).get() == "access-1"
    other = Pair("access-9", "refresh-9", 90_000)
    assert await new.process(first=other).get() == "access-1"
    assert await new.process().get() == "access-1"
    assert new.shown() == []
    kept = str(await asyncio.to_thread(new.plain.rows, "SELECT * FROM zalo_token"))
    assert "access-" not in kept
    assert "refresh-" not in kept


async def test_without_any_pair_a_human_is_needed_and_told_once_an_hour(
    new: Account, log: Log
) -> None:
    tokens = new.process()
    for _ in range(3):
        with pytest.raises(HumanNeeded, match="no_token"):
            await tokens.get()
    new.clock.forward(hours=1)
    with pytest.raises(HumanNeeded):
        await tokens.get()
    assert alarms(log) == ["no_token", "no_token"]
    await new.seed()
    assert await tokens.get() == "access-1"
    assert [one["of"] for one in log if one["event"] == "alarm_over"] == ["zalo_consent_needed"]


async def test_an_access_token_is_renewed_after_twenty_hours_and_not_before(
    account: Account,
) -> None:
    tokens = account.process()
    account.clock.forward(hours=19, minutes=59)
    assert await tokens.get() == "access-1"
    account.clock.forward(minutes=1)
    assert await tokens.get() == "access-2"
    row = await account.row()
    assert (row.version, row.state, row.spent, row.asking, row.asked) == (2, "ok", None, None, 0)
    assert account.shown() == [(1, 0)]
    assert account.counted() == {"renewed": 1}


async def test_what_was_renewed_elsewhere_is_read_again_and_zalo_is_not_asked(
    account: Account,
) -> None:
    first, second = account.process(), account.process()
    assert [await first.get(), await second.get()] == ["access-1", "access-1"]
    assert await first.renew("access-1") == "access-2"
    # The second one still holds the old one, and learns by Zalo's -216.
    assert await second.get() == "access-1"
    assert await second.renew("access-1") == "access-2"
    assert await second.get() == "access-2"
    assert account.shown() == [(1, 0)]


async def test_many_in_many_processes_ask_once(account: Account) -> None:
    account.faults[:] = [Fault("delay", seconds=0.04)]
    processes = [account.process(times=PATIENT) for _ in range(8)]
    asked = [one.renew("access-1") for one in processes for _ in range(8)]
    assert set(await asyncio.gather(*asked)) == {"access-2"}
    assert account.shown() == [(1, 0)]


async def test_a_refusal_is_one_alarm_for_all_and_nothing_is_asked_until_a_human_seeds(
    account: Account, log: Log
) -> None:
    account.zalo.forget()
    processes = [account.process() for _ in range(4)]
    for _ in range(2):
        for tokens in processes:
            with pytest.raises(HumanNeeded, match=str(USED)):
                await tokens.renew("access-1")
    assert alarms(log) == [str(USED)]
    assert account.shown() == [(1, USED)]
    account.clock.forward(hours=1)
    for tokens in processes:
        with pytest.raises(HumanNeeded):
            await tokens.get()
    assert alarms(log) == [str(USED)] * 2
    await account.seed()
    assert [await tokens.get() for tokens in processes] == ["access-2"] * 4
    assert account.counted() == {"refused": 1, "zalo_consent_needed": 2}


async def test_a_pair_nobody_ever_gave_needs_a_human(new: Account, log: Log) -> None:
    tokens = new.process(first=Pair("", "refresh-77", 0))
    with pytest.raises(HumanNeeded, match=str(UNKNOWN)):
        await tokens.get()
    assert alarms(log) == [str(UNKNOWN)]


async def test_while_zalo_cannot_be_reached_the_present_token_is_used_to_its_end(
    account: Account,
) -> None:
    nowhere = "http://127.0.0.1:9"
    tokens = account.process(url=nowhere)
    for _ in range(4):
        account.clock.forward(hours=6)
        assert await tokens.get() == "access-1"
    account.clock.forward(hours=1)
    with pytest.raises(Later):
        await tokens.get()
    row = await account.row()
    assert (row.asked, row.spent, row.state) == (0, None, "ok")
    account.clock.forward(minutes=6)
    assert await account.process().get() == "access-2"


DEATHS = {
    "zalo_token.mark": ([(1, 0)], "access-2", []),
    "zalo_token.asked": ([(1, 0)], "access-2", []),
    "zalo_token.answered": ([(1, 0), (1, USED)], None, [str(USED)]),
    "zalo_token.committed": ([(1, 0)], "access-2", []),
}


@pytest.mark.parametrize("point", DEATHS)
async def test_after_a_death_anywhere_a_token_was_used_once_or_there_is_one_alarm(
    account: Account, log: Log, point: str
) -> None:
    shown, access, raised = DEATHS[point]
    with pytest.raises(Died):
        await account.dying(point).renew("access-1")
    left = [account.process() for _ in range(3)]
    found = await asyncio.gather(*(one.renew("access-1") for one in left), return_exceptions=True)
    assert account.shown() == shown
    assert alarms(log) == raised
    if access is not None:
        assert found == [access] * 3
    else:
        assert [type(one) for one in found] == [HumanNeeded] * 3
        await account.seed()
        assert await left[0].get() == "access-3"
    assert account.counted().get("lost", 0) == (point in LEFT_A_MARK)


async def test_an_alarm_that_died_with_its_process_is_raised_by_one_of_the_others(
    account: Account, log: Log
) -> None:
    account.zalo.forget()
    with pytest.raises(Died):
        await account.dying("zalo_token.refused").renew("access-1")
    left = [account.process(times=replace(QUICK, lease=0.2)) for _ in range(3)]
    for tokens in left:
        with pytest.raises(HumanNeeded):
            await tokens.get()
    assert alarms(log) == []
    await asyncio.sleep(0.25)
    for tokens in left:
        with pytest.raises(HumanNeeded):
            await tokens.get()
    assert alarms(log) == [str(USED)]
    assert account.shown() == [(1, USED)]


LEFT_A_MARK = ("zalo_token.asked", "zalo_token.answered")


async def test_a_mark_is_left_alone_for_the_whole_lease(account: Account) -> None:
    with pytest.raises(Died):
        await account.dying("zalo_token.asked").renew("access-1")
    impatient = account.process(times=replace(QUICK, lease=60.0, wait=0.05))
    for _ in range(3):
        with pytest.raises(Later):
            await impatient.renew("access-1")
    assert account.shown() == []


async def test_one_who_was_asleep_longer_than_the_lease_does_not_ask(account: Account) -> None:
    """Between the mark and the question others may have taken over: then the token is theirs."""
    loop = asyncio.get_running_loop()

    def sleep(name: str) -> None:
        if name == "zalo_token.asked":
            until = loop.time() + 0.4
            while loop.time() < until:
                pass

    with pytest.raises(Later):
        await account.process(sleep, times=replace(QUICK, answer=0.2, lease=0.5)).renew("access-1")
    assert account.shown() == []


async def test_a_pair_that_comes_late_heals_what_others_were_refused(
    account: Account, log: Log
) -> None:
    """The first asker was thought dead; it holds the only pair there is."""
    slow = account.process(times=replace(PATIENT, lease=60.0))
    account.faults[:] = [Fault("delay", seconds=4.0)]
    first = asyncio.create_task(slow.renew("access-1"))
    await account.asked()
    with pytest.raises(HumanNeeded):
        await account.process(times=replace(QUICK, answer=1.0, lease=1.2)).renew("access-1")
    assert await first == "access-2"
    assert account.shown() == [(1, 0), (1, USED)]
    assert alarms(log) == [str(USED)]
    assert (await account.row()).state == "ok"
    assert await account.process().get() == "access-2"


async def test_no_transaction_is_open_while_zalo_is_asked_and_a_seed_wins(
    account: Account,
) -> None:
    account.faults[:] = [Fault("delay", seconds=0.5)]
    tokens = account.process(times=PATIENT)
    asking = asyncio.create_task(tokens.renew("access-1"))
    await account.asked()
    rows = await asyncio.to_thread(account.plain.rows, "SELECT version, asked FROM zalo_token")
    assert rows == [(1, 1)]
    # Another program writes the very row: nobody holds it.
    await asyncio.to_thread(account.plain.spoil, "UPDATE zalo_token SET asked = 1")
    await account.seed()
    assert await asking == "access-3"
    assert account.counted() == {"dropped": 1}


async def test_whoever_is_stopped_while_zalo_answers_keeps_the_answer_first(
    account: Account,
) -> None:
    account.faults[:] = [Fault("delay", seconds=0.1)]
    tokens = account.process(times=PATIENT)
    asking = asyncio.create_task(tokens.renew("access-1"))
    await account.asked()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert (await account.row()).version == 2


async def test_an_answer_outlives_a_database_that_is_away(account: Account) -> None:
    away = 0

    def crashpoint(name: str) -> None:
        nonlocal away
        away += name == "zalo_token.answered"

    tokens = account.process(crashpoint)
    database = tokens._database
    real, left = database._seams, [3]

    def commit(name: str) -> None:
        if name == "commit.before" and away and left[0]:
            left[0] -= 1
            raise DatabaseGone("away")

    database._seams = replace(real, crashpoint=commit)
    assert await tokens.renew("access-1") == "access-2"
    assert left == [0]
    assert account.shown() == [(1, 0)]


async def test_a_row_of_another_key_needs_a_human_and_is_not_touched(
    account: Account, log: Log
) -> None:
    tokens = account.process(key=b"x" * 32)
    for _ in range(2):
        with pytest.raises(HumanNeeded, match="other_key"):
            await tokens.get()
    assert alarms(log) == ["other_key"]
    assert (await account.row()).state == "ok"
    assert await account.process().get() == "access-1"


async def test_a_clock_that_was_set_back_stops_nobody(account: Account) -> None:
    account.faults[:] = [Fault("drop")]
    tokens = account.process()
    with pytest.raises(Later):
        await tokens.renew("access-1")
    account.clock.forward(days=-3)
    assert await tokens.renew("access-1") == "access-2"


async def test_no_log_exception_or_repr_holds_a_token(account: Account) -> None:
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = list(root.handlers), root.level
    configure("debug", stream)
    said: list[str] = []
    try:
        for faults in ([Fault("drop")], [Fault("html", 500)], [Fault("accept_then_drop")], []):
            account.faults[:] = faults
            tokens = account.process()
            for step in (tokens.get(), tokens.renew("access-1"), tokens.renew("access-2")):
                with suppress(Later):
                    await _telling(step, said)
            account.clock.forward(seconds=70)
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()
    row = await account.row()
    said += [stream.getvalue(), repr(row), repr(tokens), repr(tokens._oauth), repr(tokens._seal)]
    assert "zalo_token_unclear" in said[-5]
    secrets = ("access-1", "access-2", "refresh-1", "refresh-2", account.zalo.secret, "k" * 8)
    assert [secret for secret in secrets if any(secret in text for text in said)] == []


async def _telling(step: Any, said: list[str]) -> None:
    try:
        await step
    except (Later, HumanNeeded) as error:
        said.append(f"{error!r} {error.__cause__!r} {error.__context__!r}")


def test_tokens_are_what_the_channel_asks_for() -> None:
    asked: type[Tokens] = OaTokens
    assert asked is OaTokens
