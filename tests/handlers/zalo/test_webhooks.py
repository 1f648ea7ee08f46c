"""Zalo's doors: what is authentic is kept and answered 200, whatever it is, and nothing else."""

import asyncio
import json
import random
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from handlers.admin import admin_router, openapi_schema
from handlers.callers import list_routes
from handlers.errors import install_errors
from handlers.zalo.hearing import BOT, OA
from handlers.zalo.webhooks import BODY_MAX, Webhooks
from storage.seams import Seams, to_ms
from storage.spool import Spool
from tests.handlers.zalo.calls import ACCOUNT, PERSON, ROBOT, Zalo, event, said, update

Log = list[MutableMapping[str, Any]]


async def test_an_event_is_kept_as_it_came_and_acts(zalo: Zalo) -> None:
    raw = json.dumps(said("Nguyê\u0303n"), ensure_ascii=False, indent=1).encode()
    assert await zalo.oa(raw) == 200
    at_ms = to_ms(zalo.stage.clock.at)
    columns = "channel, bot, sender, raw, status, at_ms"
    kept = (OA, ACCOUNT, f"zo:{PERSON}", raw.decode(), 0, at_ms)
    assert await zalo.rows(f"SELECT {columns} FROM inbox") == [kept]
    acted = [(f"zo:{PERSON}", at_ms, None)]
    assert await zalo.rows("SELECT sender, acted_ms, stopped FROM contact") == acted
    assert zalo.outcomes() == {"zalo_oa kept": 1}


@pytest.mark.parametrize("wrapped", [False, True])
async def test_an_update_of_the_bot_is_kept_as_it_came(zalo: Zalo, wrapped: bool) -> None:
    body = {"ok": True, "result": update()} if wrapped else update()
    assert await zalo.bot(body) == 200
    (row,) = await zalo.rows("SELECT channel, bot, sender, raw FROM inbox")
    assert row == (BOT, ROBOT, "zb:6ede9a", json.dumps(body))


async def test_a_replayed_event_is_kept_once(zalo: Zalo) -> None:
    for body in (said(), event("follow", follower={"id": PERSON}), said(), said(number=2)):
        assert await zalo.oa(body) == 200
    assert await zalo.oa(event("follow", follower={"id": PERSON})) == 200
    wrapped = {"ok": True, "result": update()}
    assert [await zalo.bot(body) for body in (update(), wrapped, update())] == [200] * 3
    assert len(await zalo.rows()) == 4


async def test_what_is_forged_is_refused_and_kept_nowhere(zalo: Zalo, log: Log) -> None:
    statuses = [
        await zalo.oa(said(), "app-secret"),
        await zalo.oa(said(), ""),
        await zalo.post("zalo-oa", json.dumps(said()).encode(), {}),
        await zalo.post("zalo-oa", b"{", {"X-ZEvent-Signature": "mac=\xe9"}),
        await zalo.oa(b"[" * 100_000, "other"),
        await zalo.bot(update(), "webhook secre"),
        await zalo.bot(update(), "webhook secret "),
        await zalo.bot(update(), "\xe9"),
        await zalo.post("zalo-bot", json.dumps(update()).encode(), {}),
    ]
    assert statuses == [401] * 9
    assert await zalo.rows() == []
    assert zalo.outcomes() == {"zalo_oa refused": 5, "zalo_bot refused": 4}
    refused = [one["channel"] for one in log if one["event"] == "webhook_refused"]
    assert refused == [OA, BOT], "said once a minute"


async def test_probes_are_answered_and_nothing_is_kept(zalo: Zalo) -> None:
    for name in ("zalo-oa", "zalo-bot"):
        assert await zalo.post(name, b"", {}) == 200
    assert await zalo.post("zalo-oa", b"{}", {}) == 200
    assert await zalo.post("zalo-oa", b" {} \n", {}) == 200
    assert (await zalo.rows(), zalo.outcomes()) == ([], {})


PASSED = [
    event("user_seen_message", message={"msg_ids": ["a"]}),
    event("user_received_message", message={"msg_id": "a"}),
    event("oa_send_text", sender={"id": ACCOUNT, "admin_id": "5"}, recipient={"id": PERSON}),
    event("oa_send_image", sender={"id": ACCOUNT}, recipient={"id": PERSON}),
    event("user_reacted_message", message={"msg_id": "a", "react_icon": "/-heart"}),
    event("add_user_to_tag"),
    event("user_submit_info", info={"name": "Nguyễn Văn Mẫu", "phone": "84900000000"}),
    event("anonymous_send_text", message={"text": "x", "msg_id": "a", "conversation_id": "c"}),
    event("user_send_group_text", message={"text": "x", "msg_id": "a"}),
    event("user_click_chatnow"),
]


async def test_what_says_nothing_to_us_is_counted_and_kept_nowhere(zalo: Zalo) -> None:
    assert {await zalo.oa(body) for body in PASSED} == {200}
    # A group is not spoken with.
    assert await zalo.bot(update(chat={"id": "g1", "chat_type": "GROUP"})) == 200
    assert await zalo.rows() == []
    assert zalo.outcomes() == {"zalo_oa passed": len(PASSED), "zalo_bot passed": 1}
    assert await zalo.rows("SELECT sender FROM contact") == []


SENT = ("text", "image", "gif", "file", "sticker", "location", "audio", "video", "link")


async def test_whatever_a_person_does_is_kept_and_opens_the_window(zalo: Zalo) -> None:
    names = [*(f"user_send_{kind}" for kind in SENT), "user_send_business_card", "follow"]
    for n, name in enumerate(names):
        message = {"msg_id": f"m{n}", "attachments": []}
        assert await zalo.oa(event(name, message=message, sender={"id": str(n)})) == 200
    assert await zalo.rows() == [(f"zo:{n}", 0, None) for n in range(len(names))]
    (found,) = await zalo.rows("SELECT count(*) FROM contact WHERE acted_ms IS NOT NULL")
    assert found == (len(names),)


async def test_a_wish_to_be_erased_is_kept_and_opens_nothing(zalo: Zalo) -> None:
    assert await zalo.oa(event("user_withdraw")) == 200
    assert await zalo.rows() == [(f"zo:{PERSON}", 0, None)]
    assert await zalo.rows("SELECT sender FROM contact") == []


async def test_words_under_a_picture_are_a_message_behind_it(zalo: Zalo) -> None:
    body = update("image", photo_url="https://f1.zdn.vn/a.jpg", text="", caption="8 điểm")
    assert [await zalo.bot(body), await zalo.bot(body)] == [200, 200]
    raws = [json.loads(raw) for (raw,) in await zalo.rows("SELECT raw FROM inbox ORDER BY id")]
    assert [raw["event_name"] for raw in raws] == ["message.image.received", "khaihoc.caption"]
    assert raws[1]["message"]["text"] == "8 điểm"
    assert await zalo.bot(update("image", 2, photo_url="https://x/a", caption="", text="")) == 200
    assert len(await zalo.rows()) == 3


async def test_nobody_may_pass_off_an_event_as_ours(zalo: Zalo) -> None:
    bodies: list[bytes | dict[str, Any]] = [
        b'{"internal":"notice","declaration":1,"decision":1}',
        b'{"internal":"notice","declaration":1,"decision":1,' + json.dumps(said()).encode()[1:],
        {**said(), "event_name": "khaihoc.caption"},
    ]
    assert [await zalo.oa(body) for body in bodies] == [200] * 3
    rows = await zalo.rows()
    assert [error for _, _, error in rows] == ["unreadable_event", None, "unknown_event"]
    for (raw,) in await zalo.rows("SELECT raw FROM inbox"):
        assert not raw.startswith('{"internal"')


async def test_unknown_events_are_dead_letters_and_hurt_nobody(zalo: Zalo, log: Log) -> None:
    count = 10_000
    for first in range(0, count, 500):
        asked = (zalo.oa(event(f"user_dreams_{n}", n)) for n in range(first, first + 500))
        assert set(await asyncio.gather(*asked)) == {200}
    assert await zalo.oa(said()) == 200
    found = await zalo.rows("SELECT status, error, count(*) FROM inbox GROUP BY 1, 2 ORDER BY 1")
    assert found == [(0, None, 1), (2, "unknown_event", count)]
    assert await zalo.rows("SELECT sender FROM contact") == [(f"zo:{PERSON}",)]
    assert len([one for one in log if one["event"] == "unknown_event"]) == 1


async def test_an_event_of_another_account_is_a_dead_letter(zalo: Zalo) -> None:
    assert await zalo.oa(said(recipient={"id": "77"})) == 200
    assert await zalo.rows() == [(f"zo:{PERSON}", 2, "foreign_event")]


RUBBISH = {
    "half": b'{"event_name":"user_send_text","mess',
    "no text": b"\xff\xfe\x00\x01",
    "NUL": b'{"event_name":"user_send_text\x00"}',
    "deep": b'{"timestamp":' + b"[" * 100_000,
    "deep in the right place": b'{"event_name":"follow","x":'
    + b"[" * 50_000
    + b"]" * 50_000
    + b"}",
    "list": b"[1]",
    "number": b"5",
    "name missing": b'{"sender":{"id":"1"}}',
    "nobody": json.dumps({**said(), "sender": {"id": ""}}).encode(),
    "a long id": json.dumps({**said(), "sender": {"id": "9" * 5000}}).encode(),
    "an id of half a letter": json.dumps({**said(), "sender": {"id": "\ud800"}}).encode(),
}


async def test_authentic_rubbish_is_a_dead_letter(zalo: Zalo) -> None:
    for name, body in RUBBISH.items():
        assert (await zalo.oa(body), await zalo.bot(body)) == (200, 200), name
    rows = await zalo.rows()
    count = len(RUBBISH)
    assert [row for row in rows if row[0] == "zo:"] == [("zo:", 2, "unreadable_event")] * count
    assert [row[:2] for row in rows if row[0] == "zb:"] == [("zb:", 2)] * count
    assert zalo.outcomes()["zalo_oa unreadable"] == count


async def test_odd_characters_of_a_person_are_kept(zalo: Zalo) -> None:
    texts = ["a\\u0000b", "\\ud800", "\\udc00\\ud800", "\\ud83d\\ude00", "\\uffff", "\x01"]
    bodies = [
        json.dumps(said("TEXT", n)).replace("TEXT", text).encode() for n, text in enumerate(texts)
    ]
    assert [await zalo.oa(body) for body in bodies] == [200] * len(texts)
    kept = await zalo.rows("SELECT sender, status, raw FROM inbox ORDER BY id")
    assert kept == [(f"zo:{PERSON}", 0, body.decode()) for body in bodies]


async def test_ids_beyond_what_a_float_holds_are_told_apart(zalo: Zalo) -> None:
    numbers = [9_007_199_254_740_993, 9_007_199_254_740_992, 2**80 + 1, 2**80]
    for n, number in enumerate(numbers):
        assert await zalo.oa({**said(number=n), "sender": {"id": number}}) == 200
        assert await zalo.bot(update(number=n, sender=number)) == 200
    senders = [sender for sender, _, _ in await zalo.rows()]
    assert senders == [name for n in numbers for name in (f"zo:{n}", f"zb:{n}")]
    # The same person and message, once as a number and once as text.
    assert await zalo.oa({**said(number=0), "sender": {"id": str(numbers[0])}}) == 200
    assert len(await zalo.rows()) == 8


async def test_too_much_is_refused_before_it_is_read(zalo: Zalo) -> None:
    for name in ("zalo-oa", "zalo-bot"):
        assert await zalo.post(name, b"x" * (BODY_MAX + 1), {}) == 413
        assert await zalo.post(name, b"", {"Content-Length": "9" * 30}) == 413
    assert await zalo.oa(said("x" * (BODY_MAX - 1000))) == 200
    assert len(await zalo.rows()) == 1


async def test_no_body_whatever_is_a_failure(zalo: Zalo) -> None:
    chance = random.Random(20261122)
    whole = json.dumps(said("chào", attachments=[{"type": "image"}]), ensure_ascii=False).encode()
    for _ in range(300):
        body = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(body))
            body[at : at + chance.randint(0, 4)] = chance.choice(
                (b"", b"\x00", b"\xff", b"{", b"[", b'"', b"null", b"\\ud800", b"9" * 30, b"\\")
            )
        if bytes(body).strip() not in (b"", b"{}"):
            # Python's reading of the body is not ours, so the stamp is the header's where needed.
            assert await zalo.oa(bytes(body)) in (200, 401)
            assert await zalo.bot(bytes(body)) == 200


async def test_the_domain_is_shown_to_be_ours(zalo: Zalo) -> None:
    page = await zalo.client.get("/zalo_verifierKDo-9_a.html")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert 'content="KDo-9_a"' in page.text
    for name in ("", "KDo-9_b", "KDo-9_a.html", "\N{LATIN SMALL LETTER A WITH ACUTE}"):
        assert (await zalo.client.get(f"/zalo_verifier{name}.html")).status_code == 404


async def test_only_a_platform_may_call_and_only_by_post(zalo: Zalo) -> None:
    doors = Webhooks(zalo.intake, bot=None, oa=None, verifier="")
    named = {(one.path, one.may_call) for one in list_routes(doors.router().routes)}
    assert named == {
        ("/webhooks/zalo-bot", frozenset(("platform",))),
        ("/webhooks/zalo-oa", frozenset(("platform",))),
        ("/zalo_verifier{token}.html", frozenset(("anyone",))),
    }
    assert (await zalo.client.get("/webhooks/zalo-oa")).status_code == 405
    app = FastAPI()
    app.include_router(doors.router())
    app.include_router(admin_router())
    assert not [path for path in openapi_schema(app)["paths"] if "zalo" in path]


async def test_what_is_not_served_is_not_there(zalo: Zalo) -> None:
    app = FastAPI()
    app.include_router(Webhooks(zalo.intake, bot=None, oa=None, verifier="").router())
    install_errors(app, zalo.stage.program.parts.words)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        for name in ("zalo-bot", "zalo-oa"):
            assert (await client.post(f"/webhooks/{name}", content=b"{}")).status_code == 404
        assert (await client.get("/zalo_verifier.html")).status_code == 404


def test_a_spool_lies_beside_the_data(tmp_path: Path) -> None:
    assert not Spool(tmp_path / "spool", Seams()).waits
    assert list(tmp_path.iterdir()) == []
