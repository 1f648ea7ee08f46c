"""What becomes of an event of Zalo at our door: kept to be answered, kept for an operator, or not.

Whatever is authentic is taken: a refusal would be resent for an hour and then end the webhook. What
nobody understands becomes a dead letter with its name; what needs no answer is only counted.
"""

from dataclasses import dataclass, field
from typing import Literal

from handlers.internal import is_internal
from handlers.zalo.parse import (
    BotEvent,
    OaEvent,
    Unparsable,
    caption_raw,
    parse_bot,
    parse_oa,
    readable,
)
from handlers.zalo.read import BELIEVED_MS
from storage.inbox import Arrival, event_key
from storage.spool import Item, Stop

# `passed` needs no answer (receipts, echoes, groups), `unknown` is an event nobody told us of,
# `foreign` one of another account, `unreadable` no event at all.
Outcome = Literal["kept", "passed", "stopped", "unknown", "foreign", "unreadable"]
BOT, OA = "zalo_bot", "zalo_oa"
# What stands before a person's id in the name of their conversation.
PREFIXES = {BOT: "zb:", OA: "zo:"}
_BOT_KEPT = frozenset(
    f"message.{kind}.received" for kind in ("text", "image", "sticker", "voice", "unsupported")
)
_OA_KEPT = frozenset(
    (
        *(f"user_send_{kind}" for kind in ("text", "image", "gif", "file", "sticker", "location")),
        *(f"user_send_{kind}" for kind in ("audio", "video", "link", "business_card")),
        "follow",
    )
)
# Nothing in them is said to us: receipts, echoes of what we or an officer sent, reactions, tags,
# forms we never ask for, people without a name, groups, calls, shops, changed templates.
_OA_PASSED = (
    "user_seen_", "user_received_", "user_reacted_", "user_submit_info", "user_click_",
    "user_call_", "user_feedback", "oa_", "anonymous_", "add_user_", "remove_user_", "shop_",
    "change_", "user_send_group_", "create_group", "update_group_", "add_group_", "remove_group_",
    "user_join_group", "user_out_group", "user_request_join_group", "accept_request_join_group",
    "reject_request_join_group",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heard:
    """What an event came to: what is kept of it, and in a word why."""

    outcome: Outcome
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Ear:
    """Hears one bot or account. `key` keys the hashes of event ids (`Parts.secret("inbox")`)."""

    channel: str
    bot: str
    key: bytes = field(repr=False)

    def hear(self, body: bytes, at_ms: int) -> Heard:
        """Return what becomes of an authentic body that arrived at `at_ms`; raises nothing."""
        raw = _not_internal(readable(body))
        try:
            if self.channel == BOT:
                return self._bot(raw, parse_bot(raw), at_ms)
            return self._oa(raw, parse_oa(raw), at_ms)
        except Unparsable:
            return self._dead("unreadable", raw, "", (raw,), at_ms)

    def _bot(self, raw: str, event: BotEvent, at_ms: int) -> Heard:
        ids = (event.message,) if event.message else (event.name, event.stamp, event.sender, raw)
        if event.name not in _BOT_KEPT:
            return self._dead("unknown", raw, event.sender, ids, at_ms)
        if not event.private:
            return Heard("passed")
        if not event.sender:
            return self._dead("unreadable", raw, "", ids, at_ms)
        more = event.text if event.name == "message.image.received" and event.photo else ""
        caption = caption_raw(event) if more else None
        return self._keep(raw, event.sender, ids, at_ms, caption)

    def _oa(self, raw: str, event: OaEvent, at_ms: int) -> Heard:
        if event.name.startswith(_OA_PASSED) or event.person == self.bot:
            return Heard("passed")
        ids = (event.message,) if event.message else (event.name, event.stamp, event.person)
        if event.name not in _OA_KEPT and event.name not in ("unfollow", "user_withdraw"):
            return self._dead("unknown", raw, event.person, (*ids, raw), at_ms)
        if event.account not in ("", self.bot):
            return self._dead("foreign", raw, event.person, ids, at_ms)
        if not event.person:
            return self._dead("unreadable", raw, "", (*ids, raw), at_ms)
        if event.name == "unfollow":
            stopped_ms = event.at_ms or at_ms
            believed = at_ms - BELIEVED_MS <= stopped_ms <= at_ms
            stop = Stop(_sender(OA, event.person), "unfollowed", stopped_ms if believed else at_ms)
            return Heard("stopped", (stop,))
        more = event.text if event.attached and event.name in _CAPTIONED else ""
        caption = caption_raw(event) if more else None
        acts = event.name != "user_withdraw"
        return self._keep(raw, event.person, ids, at_ms, caption, acts=acts)

    def _keep(
        self,
        raw: str,
        person: str,
        ids: tuple[str, ...],
        at_ms: int,
        caption: str | None,
        *,
        acts: bool = True,
    ) -> Heard:
        """Keep an event, and the words under its picture as a message behind it."""
        sender = _sender(self.channel, person)
        kept = [(raw, self._id(*ids))]
        if caption is not None:
            kept.append((caption, self._id(*ids, "caption")))
        return Heard(
            "kept",
            tuple(
                Arrival(self.channel, sender, external, text, at_ms, self.bot, acts)
                for text, external in kept
            ),
        )

    def _dead(
        self, outcome: Outcome, raw: str, person: str, ids: tuple[str, ...], at_ms: int
    ) -> Heard:
        sender = _sender(self.channel, person)
        error = "unknown_event" if outcome == "unknown" else f"{outcome}_event"
        external = self._id("dead", *ids)
        dead = Arrival(self.channel, sender, external, raw, at_ms, self.bot, dead=error)
        return Heard(outcome, (dead,))

    def _id(self, *ids: str) -> str:
        return event_key(self.key, self.channel, self.bot, *ids)


_CAPTIONED = ("user_send_image", "user_send_gif")


def _sender(channel: str, person: str) -> str:
    return f"{PREFIXES[channel]}{person}"


def _not_internal(raw: str) -> str:
    """Return `raw` so that it is never taken for an event of our own (`handlers.internal`)."""
    return f" {raw}" if is_internal(raw) else raw
