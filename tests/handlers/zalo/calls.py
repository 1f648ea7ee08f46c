"""Zalo as it calls our webhooks: signed, with its secret, or however a test wants it."""

import asyncio
import json
from hashlib import sha256
from typing import Any

import httpx

from handlers.zalo.intake import Intake
from tests.handlers.program import Stage

APP, ACCOUNT, SECRET = "3111222333", "388613280878808645", "oa-secret-key"
ROBOT, TOLD = "1234567890", "webhook secret"
PERSON = "2468458835296197922"
ROWS = "SELECT sender, status, error FROM inbox ORDER BY id"


class Zalo:
    """Calls the webhooks as Zalo does."""

    def __init__(self, stage: Stage, client: httpx.AsyncClient, intake: Intake) -> None:
        self.stage, self.client, self.intake = stage, client, intake

    async def oa(self, body: bytes | dict[str, Any], secret: str = SECRET) -> int:
        """Post an event of the account, signed with `secret`; return the status."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        try:
            stamp = str(json.loads(raw, strict=False)["timestamp"])
        except (ValueError, TypeError, KeyError, RecursionError):
            stamp = ""
        digest = sha256(APP.encode() + raw + stamp.encode() + secret.encode()).hexdigest()
        return await self.post("zalo-oa", raw, {"X-ZEvent-Signature": f"mac={digest}"})

    async def bot(self, body: bytes | dict[str, Any], secret: str = TOLD) -> int:
        """Post an update of the bot with `secret`; return the status."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.post("zalo-bot", raw, {"X-Bot-Api-Secret-Token": secret})

    async def post(self, name: str, raw: bytes, headers: dict[str, str]) -> int:
        """Post a body as it is; return the status."""
        sent = {key.encode(): value.encode("latin-1") for key, value in headers.items()}
        answer = await self.client.post(f"/webhooks/{name}", content=raw, headers=sent)
        return answer.status_code

    async def rows(self, query: str = ROWS, *values: object) -> list[tuple[Any, ...]]:
        """Return rows of the database; what was kept, without another query.

        On a busy machine something may have been spooled on its way there.
        """
        await self.intake.drain()
        return await asyncio.to_thread(self.stage.rows, query, *values)

    def outcomes(self) -> dict[str, float]:
        """Return how often each outcome was counted, but for the way that things took."""
        (family,) = [
            family
            for family in self.stage.program.parts.measures.collect()
            if family.name == "khaihoc_platform_events"
        ]
        samples = (one for one in family.samples if one.name.endswith("_total"))
        counted = {sample.labels["outcome"]: sample.value for sample in samples}
        return {name: count for name, count in counted.items() if not name.endswith("spooled")}


def said(text: str = "2", number: int = 1, **more: Any) -> dict[str, Any]:
    """Return what an account is told when somebody writes."""
    return event("user_send_text", number, message={"text": text, "msg_id": f"m{number}"}, **more)


def event(name: str, number: int = 1, **more: Any) -> dict[str, Any]:
    """Return an event of the account."""
    head = {"app_id": APP, "event_name": name, "timestamp": str(1_793_584_800_000 + number)}
    return {**head, "sender": {"id": PERSON}, "recipient": {"id": ACCOUNT}, **more}


def update(kind: str = "text", number: int = 1, sender: object = "6ede9a", **more: Any) -> Any:
    """Return an update of the bot."""
    head = {"message_id": f"m{number}", "date": 1_793_584_800_000, "from": {"id": sender}}
    chat = {"id": sender, "chat_type": "PRIVATE"}
    return {
        "event_name": f"message.{kind}.received",
        "message": {**head, "chat": chat, "text": "2", **more},
    }
