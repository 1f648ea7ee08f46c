"""The client of the OA API says what Zalo takes, renews its token once, and names every failure."""

import json
import logging
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from handlers.channel import HumanNeeded, Later, NotSent, Unclear, Unreachable, Wrong
from handlers.outside import open_outside
from handlers.zalo.oa import Account, OaApi, Quota, Reach, Sent
from handlers.zalo.render import Button
from tests.fakes.faulty import Asked, Fault, Kind, Reply, serving
from tests.fakes.zalo import to_ms
from tests.fakes.zalo_oa import FakeZaloOa
from tests.world import Clock

HOA = "7421907845123456789"
JPEG = b"\xff\xd8\xff" + bytes(1000)
CS = "message/cs"
BUTTONS = tuple(Button(f"{n}. Đúng", f"#d:7:{n}") for n in range(1, 6))


@dataclass(slots=True)
class Held:
    """Tokens in hand: each renewal takes the next one."""

    next: list[str]
    stale: list[str] = field(default_factory=list)

    async def get(self) -> str:
        return self.next[0]

    async def renew(self, stale: str) -> str:
        self.stale.append(stale)
        if len(self.next) == 1:
            raise HumanNeeded("-14020")
        self.next.pop(0)
        return self.next[0]


@dataclass(slots=True)
class Live:
    """Tokens that somebody keeps alive."""

    fake: FakeZaloOa

    async def get(self) -> str:
        if not self.fake.oauth.is_alive(self.fake.access):
            self.fake.oauth.consent()
        return self.fake.access

    async def renew(self, stale: str) -> str:
        raise HumanNeeded(stale)


@asynccontextmanager
async def talking(**options: Any) -> AsyncIterator[tuple[FakeZaloOa, OaApi]]:
    """An account to which one person wrote, and our client with the token that works."""
    async with FakeZaloOa.serving(**options) as fake, open_outside() as http:
        await fake.says(HOA, "xin chào")
        yield fake, OaApi(http, fake.url, Live(fake))


@asynccontextmanager
async def answered(body: object, status: int = 200) -> AsyncIterator[OaApi]:
    """Our client before a server that always says the same."""
    told = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with serving(lambda _: Reply(status, told)) as faulty, open_outside() as http:
        yield OaApi(http, faulty.address, Held(["t"]))


async def refused(api: OaApi) -> NotSent:
    with pytest.raises(NotSent) as found:
        await api.send_text(HOA, "Đã ghi: hằng tuần.", BUTTONS)
    return found.value


async def test_a_text_arrives_and_what_zalo_says_of_it_comes_back() -> None:
    clock = Clock()
    async with talking(clock=clock.now) as (fake, api):
        sent = await api.send_text(HOA, "Câu 3/10. 🌾")
        assert sent == Sent(fake.sent[0].id, to_ms(clock.at), Quota("reply"))
        assert [(said.user, said.text, said.buttons) for said in fake.sent] == [
            (HOA, "Câu 3/10. 🌾", ())
        ]
        assert fake.complaints == []


async def test_a_paid_message_tells_what_is_left() -> None:
    clock = Clock()
    async with talking(clock=clock.now) as (fake, api):
        clock.forward(hours=49)
        assert (await api.send_text(HOA, "x")).quota == Quota("paid", 0, 500)
        assert fake.cost == 55


async def test_five_buttons_stand_below_a_text() -> None:
    async with talking() as (fake, api):
        await api.send_text(HOA, "Đúng không?", BUTTONS)
        assert fake.sent[0].buttons == tuple((b.title, b.payload) for b in BUTTONS)


async def test_buttons_that_zalo_would_refuse_are_cut_or_left_out() -> None:
    async with talking() as (fake, api):
        asked = (
            Button("a" * 99 + "🌾", "1"),
            Button("ế" * 200, "2"),
            Button("x", "p" * 1001),
            Button("y", ""),
            *BUTTONS,
        )
        await api.send_text(HOA, "?", asked)
        shown = fake.sent[0].buttons
        assert shown[:2] == (("a" * 99, "1"), ("ế" * 100, "2"))
        assert shown[2:] == tuple((b.title, b.payload) for b in BUTTONS[:3])
        assert fake.complaints == []


@pytest.mark.parametrize("code", [-201, -233])
async def test_where_buttons_are_refused_the_text_goes_alone(code: int) -> None:
    async with talking(refuses_buttons=code) as (fake, api):
        await api.send_text(HOA, "Đúng không?", BUTTONS)
        assert [(said.text, said.buttons) for said in fake.sent] == [("Đúng không?", ())]


async def test_a_text_refused_for_anything_else_is_not_sent_twice() -> None:
    async with talking(refuses_buttons=-249) as (fake, api):
        failure = await refused(api)
        assert (type(failure), failure.code, fake.sent) == (Wrong, "-249", [])


async def test_a_picture_is_uploaded_and_sent_with_words() -> None:
    async with talking() as (fake, api):
        id = await api.upload_image(JPEG)
        await api.send_photo(HOA, id, "Ảnh 1")
        await api.send_photo(HOA, id)
        assert [(said.text, said.photo, said.picture) for said in fake.sent] == [
            ("Ảnh 1", id, JPEG),
            ("", id, JPEG),
        ]
        assert fake.complaints == []


async def test_a_picture_over_a_megabyte_never_leaves() -> None:
    async with talking() as (fake, api):
        with pytest.raises(Wrong, match="too_large"):
            await api.upload_image(JPEG + bytes(1024 * 1024))
        assert (fake.uploads, fake.complaints) == ({}, [])


async def test_an_upload_that_is_forgotten_is_for_later() -> None:
    clock = Clock()
    async with talking(clock=clock.now) as (fake, api):
        id = await api.upload_image(JPEG)
        clock.forward(days=7, seconds=1)
        await fake.says(HOA, "tiếp")
        with pytest.raises(Later, match="-100"):
            await api.send_photo(HOA, id)


async def test_a_template_goes_to_who_was_silent_for_long() -> None:
    clock = Clock()
    templates = {"335277": frozenset({"code", "result"})}
    async with talking(clock=clock.now, templates=templates) as (fake, api):
        clock.forward(days=30)
        values = {"code": "KH26", "result": "có kết quả"}
        await api.send_template(HOA, "335277", values)
        assert [(said.template, said.values) for said in fake.sent] == [("335277", values)]
        with pytest.raises(Wrong, match="-1122"):
            await api.send_template(HOA, "335277", {})


async def test_the_account_says_who_it_is() -> None:
    async with talking() as (fake, api):
        account = await api.get_oa()
        assert account == Account(fake.oa_id, "UBND phường Mẫu", True, "Comprehensive", 4)
        assert account.id == fake.oa_id


async def test_an_account_id_as_a_number_and_facts_that_are_missing_are_borne() -> None:
    async with answered({"error": "0", "data": {"oa_id": 3842178456123409571}}) as api:
        assert (await api.get_oa()).id == "3842178456123409571"
    async with answered({"error": 0, "data": {"message_id": 5, "quota": {"remain": ""}}}) as api:
        assert await api.send_text(HOA, "x") == Sent("5", None, None)
    async with answered({"error": 0}) as api:
        assert await api.send_text(HOA, "x") == Sent()
        with pytest.raises(Later, match="unreadable"):
            await api.get_oa()


async def test_the_last_interaction_of_a_person_can_be_asked_for() -> None:
    clock = Clock()
    async with talking(clock=clock.now) as (_, api):
        assert await api.get_quota(HOA) == Reach(to_ms(clock.at), 1, 4)
        with pytest.raises(Unreachable, match="-232"):
            await api.get_quota("1")


@pytest.mark.parametrize(
    ("hours", "kind", "code"),
    [(48, None, ""), (49, Unreachable, "-211"), (169, Unreachable, "-230")],
)
async def test_windows_close_as_time_goes_by(
    hours: int, kind: type[NotSent] | None, code: str
) -> None:
    clock = Clock()
    async with talking(clock=clock.now, pays=0) as (fake, api):
        clock.forward(hours=hours)
        if kind is None:
            await api.send_text(HOA, "x")
            assert fake.cost == 0
        else:
            failure = await refused(api)
            assert (type(failure), failure.code) == (kind, code)


@pytest.mark.parametrize("unauthorized", [False, True])
async def test_a_refused_token_is_renewed_once_and_the_message_goes_once(
    unauthorized: bool,
) -> None:
    async with talking(unauthorized=unauthorized) as (fake, _), open_outside() as http:
        tokens = Held(["access-1", "access-2"])
        fake.oauth.consent()
        await OaApi(http, fake.url, tokens).send_text(HOA, "x", BUTTONS)
        assert (tokens.stale, len(fake.sent)) == (["access-1"], 1)


async def test_an_expired_token_is_renewed_also_for_an_upload() -> None:
    clock = Clock()
    async with talking(clock=clock.now) as (fake, _), open_outside() as http:
        clock.at += timedelta(hours=25)
        tokens = Held(["access-1", "access-2"])
        with pytest.raises(HumanNeeded, match="-216"):
            await OaApi(http, fake.url, tokens).upload_image(JPEG)
        fake.oauth.consent()
        await OaApi(http, fake.url, Held(["access-1", "access-2"])).upload_image(JPEG)
        assert [picture for picture, _ in fake.uploads.values()] == [JPEG]


async def test_a_second_refusal_and_a_lost_consent_need_a_human() -> None:
    async with talking() as (fake, _), open_outside() as http:
        tokens = Held(["wrong", "worse", "worst"])
        assert isinstance(await refused(OaApi(http, fake.url, tokens)), HumanNeeded)
        assert tokens.stale == ["wrong"]
        failure = await refused(OaApi(http, fake.url, Held(["wrong"])))
        assert (type(failure), failure.code) == (HumanNeeded, "-14020")


@pytest.mark.parametrize(
    ("fault", "kind", "code", "taken"),
    [
        (Fault("status", 500), Later, "-200", 0),
        (Fault("html", 502), Unclear, "http_502", 0),
        (Fault("html", 200), Unclear, "http_200", 0),
        (Fault("html", 503), Later, "503", 0),
        (Fault("html", 429), Later, "429", 0),
        (Fault("html", 404), HumanNeeded, "404", 0),
        (Fault("html", 401), HumanNeeded, "-14020", 0),
        (Fault("half_json"), Unclear, "http_200", 1),
        (Fault("drop"), Unclear, "broken", 0),
        (Fault("accept_then_drop"), Unclear, "broken", 1),
        (Fault("accept_then_reset"), Unclear, "broken", 1),
        (Fault("delay", seconds=60), Unclear, "timeout", 1),
    ],
)
async def test_every_fault_on_the_way_has_its_name(
    fault: Fault, kind: type[NotSent], code: str, taken: int
) -> None:
    seconds = 1.0 if fault.seconds else 20.0
    async with FakeZaloOa.serving() as fake, open_outside(total_seconds=seconds) as http:
        await fake.says(HOA, "xin chào")
        fake.fail(CS, fault)
        failure = await refused(OaApi(http, fake.url, Held([fake.access])))
        assert (type(failure), failure.code, len(fake.sent)) == (kind, code, taken)


async def test_where_nobody_listens_the_message_goes_later() -> None:
    async with open_outside() as http:
        failure = await refused(OaApi(http, "http://127.0.0.1:1", Held(["t"])))
        assert (type(failure), failure.code) == (Later, "connection")


@pytest.mark.parametrize("fault", [Fault("accept_then_drop"), Fault("html", 502)])
async def test_what_delivers_nothing_is_never_unclear(fault: Fault) -> None:
    async with talking() as (fake, api):
        fake.fail("getoa", fault)
        fake.fail("upload/image", fault)
        with pytest.raises(Later):
            await api.upload_image(JPEG)
        fake.fail("quota/message", fault)
        with pytest.raises(Later):
            await api.get_quota(HOA)


async def test_a_success_that_a_server_on_the_way_denies_is_unclear() -> None:
    async with answered({"error": 0, "data": {"message_id": "1"}}, 500) as api:
        assert isinstance(await refused(api), Unclear)


@pytest.mark.parametrize("kind", ["delay", "drop", "half_json", "html", "none"])
async def test_the_token_is_in_no_failure_no_log_and_no_address(
    kind: Kind, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    def echo(asked: Asked) -> Reply:
        """Quote the token, as some servers' errors do."""
        told = {"error": -201, "message": f"bad token {asked.headers['access_token']}"}
        return Reply(200, json.dumps(told).encode())

    async with (
        serving(echo, lambda _: Fault(kind, 502, 60.0)) as faulty,
        open_outside(total_seconds=1.0) as http,
    ):
        api = OaApi(http, faulty.address, Held(["canary-of-the-token"]))
        failure = await refused(api)
        said = "".join(traceback.format_exception(failure)) + repr((api, failure, failure.args))
        targets = [asked.target for asked, _ in faulty.seen]
    assert "canary-of-the-token" not in said + caplog.text + "".join(targets)
