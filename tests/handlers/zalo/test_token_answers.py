"""Answers that do not come, or say nothing: asked again with care, and a human only if need be."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from handlers.channel import HumanNeeded, Later
from tests.databases import Template
from tests.fakes.faulty import Asked, Fault, Reply
from tests.fakes.zalo_oauth import USED
from tests.handlers.zalo.account import QUICK, Account, Log, alarms, opened


@pytest.fixture
async def account(tmp_path: Path, template: Template) -> AsyncIterator[Account]:
    """An account to which an admin has consented."""
    async with opened(tmp_path / "var", template) as found:
        await found.seed()
        yield found


UNSEEN = [Fault("drop"), Fault("reset"), Fault("status", 503), Fault("html", 502)]


@pytest.mark.parametrize("fault", UNSEEN, ids=lambda fault: fault.kind)
async def test_what_zalo_never_saw_is_asked_again_after_a_pause_and_nobody_is_called(
    account: Account, log: Log, fault: Fault
) -> None:
    account.faults[:] = [fault]
    tokens, other = account.process(), account.process()
    with pytest.raises(Later):
        await tokens.renew("access-1")
    with pytest.raises(Later):
        await other.renew("access-1")
    assert (account.shown(), alarms(log)) == ([], [])
    account.clock.forward(seconds=2)
    assert await other.renew("access-1") == "access-2"
    assert await tokens.renew("access-1") == "access-2"
    assert account.shown() == [(1, 0)]
    assert account.counted() == {"unclear": 1, "renewed": 1}


LOST = [Fault("accept_then_drop"), Fault("half_json"), Fault("delay", seconds=1.0)]


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: fault.kind)
async def test_an_answer_that_was_lost_is_one_alarm(
    account: Account, log: Log, fault: Fault
) -> None:
    account.faults[:] = [fault]
    with pytest.raises(Later):
        await account.process(times=replace(QUICK, answer=0.5)).renew("access-1")
    row = await account.row()
    assert (row.asked, row.asking, row.state) == (1, None, "ok")
    account.clock.forward(seconds=2)
    with pytest.raises(HumanNeeded):
        await account.process().renew("access-1")
    assert account.shown() == [(1, 0), (1, USED)]
    assert alarms(log) == [str(USED)]


async def test_a_5xx_after_the_work_was_done_is_one_alarm_and_one_before_it_is_none(
    account: Account, log: Log
) -> None:
    account.zalo.then = lambda asked, reply: Reply(500, b'{"error":-1}')
    tokens = account.process()
    with pytest.raises(Later):
        await tokens.renew("access-1")
    account.zalo.then = lambda asked, reply: reply
    account.clock.forward(seconds=2)
    with pytest.raises(HumanNeeded):
        await tokens.renew("access-1")
    assert alarms(log) == [str(USED)]


async def test_too_many_requests_is_no_refusal(account: Account, log: Log) -> None:
    def busy(asked: Asked, reply: Reply) -> Reply:
        return Reply(200, b'{"error":"-32","error_name":"Too many requests"}')

    account.zalo.then = busy
    with pytest.raises(Later):
        await account.process().renew("access-1")
    assert alarms(log) == []
    assert (await account.row()).state == "ok"
