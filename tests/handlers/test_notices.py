"""Between a decision and its notice: taken back in time it is never told, told it stays."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.worker import Roles
from tests.databases import Plain, Template
from tests.handlers.admin.desk import open_desk
from tests.handlers.program import Stage, staged, to_first_question
from tests.talk import Talk
from tests.walking import hand_in

DUE = "SELECT outcome FROM due WHERE kind = 'notice'"
TOLD = "SELECT count(*) FROM inbox WHERE external_id LIKE 'due:%'"


@asynccontextmanager
async def decided(folder: Path, template: Template) -> AsyncIterator[Stage]:
    """A program whose due jobs run when told to, with a file approved at this moment."""
    roles: Roles = frozenset({"turns"})
    async with (
        staged(folder, template, roles=roles) as stage,
        Talk(stage) as talk,
        Talk(stage, "/officer/chat") as officer,
    ):
        await to_first_question(talk)
        code = await hand_in(talk)
        await officer.enter(await stage.officer_link())
        await officer.say(f"mở {code}")
        await officer.say(f"duyệt {code}")
        assert stage.rows("SELECT status FROM declaration") == [("approved",)]
        yield stage


async def test_a_decision_taken_back_at_the_last_moment_is_not_told(
    tmp_path: Path, template: Template
) -> None:
    async with decided(tmp_path / "var", template) as stage:

        def take_back() -> None:
            stage.spoil("UPDATE due SET done_ms = 1, outcome = 'cancelled' WHERE kind = 'notice'")

        stage.clock.forward(seconds=61)
        stage.at_point["jobs.notice"] = [take_back]
        await stage.program.jobs.once()
        assert stage.at_point == {}
        assert (stage.rows(DUE), stage.rows(TOLD)) == ([("cancelled",)], [(0,)])


async def test_a_notice_leaves_when_its_minute_is_over_and_not_before(
    tmp_path: Path, template: Template
) -> None:
    async with decided(tmp_path / "var", template) as stage:
        told = []
        for seconds in (0, 59, 1):
            stage.clock.forward(seconds=seconds)
            await stage.program.jobs.once()
            told += stage.rows(TOLD)
        assert told == [(0,), (0,), (1,)]


async def test_a_decision_whose_notice_is_on_its_way_is_not_taken_back(
    tmp_path: Path, template: Template
) -> None:
    async with open_desk(tmp_path / "var", template) as desk:
        file, officer = await desk.add_file(), await desk.add_officer()
        url = f"/api/v1/declarations/{file}"
        async with desk.client(officer) as client:
            assert (await client.post(f"{url}/approve", json={"version": 2})).status_code == 200
            # The job has fired; the declarant's own turn, which tells, has not come yet.
            plain = Plain(tmp_path / "var")
            plain.spoil("UPDATE due SET done_ms = 1, outcome = 'sent' WHERE kind = 'notice'")
            refused = await client.post(f"{url}/undo")
            assert (refused.status_code, refused.json()["code"]) == (409, "notice_left")
            assert (await client.get(url)).json()["status"] == "approved"
        assert plain.rows(DUE) == [("sent",)]
