"""Several processes on one database: any split of roles, any of them gone, nothing lost."""

import asyncio
import signal

from tests.databases import Plain
from tests.photos_made import page, saved
from tests.processes.conftest import Starting
from tests.processes.process import FarTalk
from tests.walking import hand_in, sign

PHOTO = saved(page(900, 1200), "JPEG")


async def test_a_file_goes_its_way_through_processes_with_one_role_each(
    starting: Starting, data: Plain, link: str
) -> None:
    web = await starting("web")
    await asyncio.gather(starting("turns"), starting("jobs"))
    async with FarTalk(web) as citizen, FarTalk(web, "/officer/chat") as officer:
        await sign(citizen)
        code = await hand_in(citizen, PHOTO)
        await officer.enter(link)
        await officer.say(f"mở {code}")
        await officer.say(f"duyệt {code}")
        await citizen.hear()
    assert data.rows("SELECT status FROM declaration") == [("approved",)]
    assert data.rows("SELECT count(*) FROM inbox WHERE status <> 1") == [(0,)]


async def test_a_killed_worker_and_a_stopped_door_are_replaced_by_the_others(
    starting: Starting, data: Plain
) -> None:
    first, second = await starting("web,turns,jobs"), await starting("web,turns,jobs")
    async with FarTalk(first) as talk:
        await talk.open(place="20242-012")
        await talk.press("start")
        assert await second.stop(signal.SIGKILL) == -signal.SIGKILL
        await talk.press(1)
        third = await starting("web,turns,jobs")
        assert await first.stop() == 0
        await talk.go_to(third)
        await talk.press("agree")
        await talk.say("Nguyễn Thị Hòa 1965")
        assert talk.screen["progress"] == {"step": 1, "of": 10}
    assert data.rows("SELECT count(*) FROM inbox WHERE status <> 1") == [(0,)]
