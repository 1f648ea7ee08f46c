"""Officers in a chat that is pushed to: invited, guessed at, signed in, revoked."""

import json
from dataclasses import dataclass, field

import httpx
import pytest

from handlers.needs import Needs
from handlers.turns import Turns
from handlers.web.channel import WebChannel
from handlers.web.read import TypedRaw, encode
from storage import inbox, officers
from storage.database import Connection
from storage.inbox import Arrival
from storage.seams import to_ms
from tests.handlers.program import Stage
from tests.world import COMMUNE

DESK = "SELECT officer_id FROM conversation WHERE sender = ?"


@dataclass
class Chat:
    """Somebody who writes in a chat that says nothing of screens, answered at once."""

    stage: Stage
    sender: str
    channel: str = "zalo_bot"
    turns: Turns = field(init=False)

    def __post_init__(self) -> None:
        parts = self.stage.program.parts
        served = {name: WebChannel(name, False) for name in ("zalo_bot", "zalo_oa")}
        door = self.stage.program.door
        self.turns = Turns(parts, {**served, "web": WebChannel()}, Needs(parts), door)

    async def say(self, text: str) -> list[str]:
        """Type something and return the paragraphs of the answer."""
        parts, at_ms = self.stage.program.parts, to_ms(self.stage.clock.at)
        self.stage.clock.forward(seconds=4)
        raw, event = encode(TypedRaw(text)), self.stage.chance.token()[:32]
        arrived = Arrival(self.channel, self.sender, event, raw, at_ms, "1")
        await parts.database.write(lambda c: inbox.add(c, [arrived]))
        while await self.turns.once():
            pass
        query = """SELECT o.payload FROM outbox o, conversation c WHERE o.conversation_id = c.id
            AND c.sender = ? ORDER BY o.inbox_id DESC, o.n DESC"""
        payload = self.stage.rows(query, self.sender)[0][0]
        text_out: str = json.loads(payload)["text"]
        return text_out.split("\n")

    @property
    def officer(self) -> int | None:
        """The officer whose desk this conversation is."""
        rows = self.stage.rows(DESK, self.sender)
        return rows[0][0] if rows else None


@pytest.fixture
async def code(still: Stage) -> str:
    """The code of an invitation."""
    return (await still.officer_link()).rpartition("/")[2]


@pytest.mark.parametrize(("channel", "warned"), [("zalo_bot", False), ("zalo_oa", True)])
async def test_an_invitation_makes_a_chat_the_officers_desk_once(
    still: Stage, code: str, channel: str, warned: bool
) -> None:
    chat, other = Chat(still, "z:1", channel), Chat(still, "z:2", channel)
    said = await chat.say(f"tham gia {code}")
    assert chat.officer is not None
    assert said[0].startswith("Đã nhận lời mời: Cán bộ mẫu")
    assert any("7 ngày" in line for line in said) is warned
    assert (await chat.say("hồ sơ chờ"))[0].startswith("Không còn phiếu")
    assert "Còn thử được 4 lần" in (await other.say(f"tham gia {code}"))[0]
    assert other.officer is None


async def test_an_invitation_is_good_for_its_minutes(still: Stage, code: str) -> None:
    still.clock.forward(minutes=15)
    chat = Chat(still, "z:1")
    await chat.say(f"join {code}")
    assert chat.officer is None


async def test_after_five_wrong_invitations_the_right_one_is_not_taken(
    still: Stage, code: str
) -> None:
    chat = Chat(still, "z:1")
    for n in range(5):
        await chat.say(f"tham gia sai{n}ABC{n}")
    await chat.say(f"tham gia {code}")
    assert chat.officer is None
    still.clock.forward(hours=1)
    fresh = (await still.officer_link()).rpartition("/")[2]
    await chat.say(f"tham gia {fresh}")
    assert chat.officer is not None


async def test_signing_in_gives_a_link_that_opens_the_web_desk_once(
    still: Stage, code: str
) -> None:
    chat = Chat(still, "z:1")
    await chat.say(f"tham gia {code}")
    said = (await chat.say("đăng nhập"))[0]
    address = said.rpartition(" ")[2]
    transport = httpx.ASGITransport(still.program.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        path = "/officer/" + address.rpartition("/")[2]
        assert [(await client.post(path)).status_code for _ in range(2)] == [303, 410]
    assert address.rpartition("/")[2] not in repr(still.rows("SELECT * FROM credential"))


async def test_who_is_no_officer_any_more_begins_as_a_citizen_and_may_be_invited_anew(
    still: Stage, code: str
) -> None:
    chat = Chat(still, "z:1")
    await chat.say(f"tham gia {code}")
    number, at_ms = chat.officer, to_ms(still.clock.at)
    assert number is not None

    async def work(connection: Connection) -> None:
        await officers.revoke(connection, number, at_ms=at_ms)

    await still.program.parts.database.write(work)
    said = await chat.say("hồ sơ chờ")
    assert "không còn hiệu lực" in said[0]
    assert said[1].startswith("Xin chào")
    assert chat.officer is None
    fresh = (await still.officer_link("village_reviewer", f"{COMMUNE}-012")).rpartition("/")[2]
    await chat.say(f"tham gia {fresh}")
    assert chat.officer not in (None, number)


async def test_a_revoked_officer_with_a_new_invitation_goes_straight_back_to_a_desk(
    still: Stage, code: str
) -> None:
    chat = Chat(still, "z:1")
    await chat.say(f"tham gia {code}")
    number, at_ms = chat.officer, to_ms(still.clock.at)
    assert number is not None
    await still.program.parts.database.write(lambda c: officers.revoke(c, number, at_ms=at_ms))
    fresh = (await still.officer_link()).rpartition("/")[2]
    await chat.say(f"tham gia {fresh}")
    assert chat.officer not in (None, number)
