"""What an onlooker sees on Zalo: where people stand, and what was meant for their phones."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, text

from dialogs.screen import Screen
from handlers.zalo.render import clean, decode_out
from storage.contacts import NEVER_MS
from storage.conversations import Conversation
from storage.database import Connection
from tests.model.phone import Divergence
from tests.model.zalo_phone import ZaloPhone
from tests.zalo_talk import ZaloTalk

# Whatever happens next without anybody doing anything: at once, after a quiet, after a pause.
_BUSY = text(
    "SELECT (SELECT count(*) FROM inbox WHERE status = 0)"
    " + (SELECT count(*) FROM evidence WHERE verdict = 'pending')"
    " + (SELECT count(*) FROM outbox WHERE status = 'sending')"
    " + (SELECT count(*) FROM outbox WHERE status = 'queued'"
    "    AND (due_ms IS NULL OR due_ms <= :now) AND NOT EXISTS"
    "    (SELECT 1 FROM outlet WHERE paused_ms > :now))"
    " + (SELECT count(*) FROM due WHERE done_ms IS NULL AND due_ms <= :now"
    "    AND kind IN ('notice', 'files'))"
)
_QUIETS = text("SELECT max(quiet_ms) FROM evidence")
_LATER = text(
    "SELECT o.due_ms, (SELECT max(paused_ms) FROM outlet) FROM outbox o"
    " WHERE o.status = 'queued' AND (o.due_ms IS NULL OR o.due_ms < :never)"
)
_ROWS = text(
    "SELECT c.sender, o.inbox_id, o.n, o.payload, o.status, o.error, o.number FROM outbox o"
    " JOIN conversation c ON c.id = o.conversation_id WHERE c.sender IN :names"
    " ORDER BY o.inbox_id, o.n"
).bindparams(bindparam("names", expanding=True))


async def busy(connection: Connection, now_ms: int) -> int:
    """Return how much is under way at this moment."""
    return int((await connection.execute(_BUSY, {"now": now_ms})).scalar_one())


async def quiet_ms(connection: Connection) -> int | None:
    """Return when the last album in pieces counts as whole, if there is one."""
    found = (await connection.execute(_QUIETS)).scalar_one()
    return None if found is None else int(found)


async def next_ms(connection: Connection) -> int | None:
    """Return the latest moment at which a message that waits may leave, if one waits."""
    rows = (await connection.execute(_LATER, {"never": NEVER_MS})).all()
    return max((max(row[0] or 0, row[1] or 0) for row in rows), default=None)


async def note_rows(connection: Connection, phones: Mapping[str, ZaloPhone]) -> None:
    """Let every phone know what was meant for it, and what its present question was."""
    by_sender = {phone.sender: phone for phone in phones.values()}
    asked: dict[str, list[str]] = {}
    found = await connection.execute(_ROWS, {"names": list(by_sender) or [""]})
    for sender, inbox, n, payload, status, error, number in found.all():
        words = decode_out(payload).text
        by_sender[sender].mean((inbox, n), words, status, error)
        if number is not None:
            asked[sender] = [words, *asked.get(sender, [])][:2]
    for name, phone in phones.items():
        check_question(name, phone, "\n".join(reversed(asked.get(phone.sender, []))))


def check_question(name: str, phone: ZaloPhone, asked: str) -> None:
    """Hold the last question meant for a phone against where its person stands."""
    lines = [f"{n}. {c['label']}" for n, c in enumerate(phone.screen["choices"], 1)]
    lines = lines or phone.screen["text"].split("\n")[-1:]
    missing = [
        line for line in lines if " ".join(clean(line).split()) not in " ".join(asked.split())
    ]
    if missing:
        raise Divergence(f"{name} was asked {asked!r} last, without {missing}")


@dataclass
class Standing(ZaloTalk):
    """Looks up where somebody stands, in the words of the web page's screens."""

    def _shown(self, screen: Screen, found: Conversation) -> Mapping[str, Any]:
        words, locale = self.world.program.parts.words, found.state.locale
        progress = screen.progress
        return {
            **super()._shown(screen, found),
            "text": "\n".join(words.text(line, locale) for line in screen.lines),
            "progress": progress and {"step": progress.step, "of": progress.of},
        }

    async def look(self) -> tuple[dict[str, Any], str]:
        """Return the present question and the language."""
        await self._look()
        return dict(self.screen), self.locale
