"""How effects about a person's several channels, and an officer's desk in a chat, are written."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import and_, delete, update

from dialogs import effects as e
from dialogs.state import STATE_VERSION, State
from storage import inbox, links, officers
from storage.conversations import encode_state
from storage.database import Connection
from storage.models import conversation, link, person
from storage.people import forget_messages
from storage.seams import to_ms
from storage.writing import At, write

Whom = Sequence[tuple[int, str, str, str]]


def _own(at: At) -> int:
    assert at.conversation_id is not None, "only a conversation's own turn joins or leaves"
    return at.conversation_id


@write.register
async def _(effect: e.OfferLink, connection: Connection, at: At) -> None:
    await links.offer(connection, effect, conversation_id=_own(at), at_ms=at.at_ms)


@write.register
async def _(effect: e.RedeemLink, connection: Connection, at: At) -> None:
    await links.redeem(connection, effect, conversation_id=_own(at), at_ms=at.at_ms)
    others = await links.list_others(connection, person_id=effect.person, but=_own(at))
    await _tell(connection, others, await _news(connection, at, joined=True), at)


@write.register
async def _(effect: e.WrongWord, connection: Connection, at: At) -> None:
    await links.add_try(connection, conversation_id=_own(at), at_ms=at.at_ms)


@write.register
async def _(effect: e.LeavePerson, connection: Connection, at: At) -> None:
    others = await links.list_others(connection, person_id=effect.person, but=_own(at))
    numbers = [number for number, *_ in others]
    if effect.which == "this":
        await _part(connection, [_own(at)], effect.person)
        await _tell(connection, others, await _news(connection, at, joined=False), at)
    else:
        await _part(connection, numbers, effect.person)
        await _begin_anew(connection, numbers, at)
        await _tell(connection, others, {"internal": "cut"}, at)
    if effect.which == "others" or len(others) == 1:
        alone = update(person).where(person.c.id == effect.person)
        await connection.execute(alone.values(version=None))


async def _part(connection: Connection, numbers: Sequence[int], owner: int) -> None:
    """Take conversations off their person, with all that was said there and words given there."""
    await forget_messages(connection, numbers)
    mine = and_(link.c.person_id == owner, link.c.conversation_id.in_(numbers))
    await connection.execute(delete(link).where(mine))
    gone = update(conversation).where(conversation.c.id.in_(numbers))
    await connection.execute(gone.values(person_id=None, linked_ms=None))


async def _begin_anew(connection: Connection, numbers: Sequence[int], at: At) -> None:
    """Let conversations stand at the start; a turn of theirs decided before is decided again."""
    fresh = {"state": encode_state(State()), "state_version": STATE_VERSION, "seen_ms": at.at_ms}
    anew = update(conversation).where(conversation.c.id.in_(numbers))
    await connection.execute(anew.values(**fresh, version=conversation.c.version + 1))


async def _news(connection: Connection, at: At, *, joined: bool) -> dict[str, object]:
    channel = await links.get_channel(connection, _own(at))
    return {"internal": "linked", "channel": channel, "joined": joined}


async def _tell(connection: Connection, whom: Whom, news: dict[str, object], at: At) -> None:
    """Put news into the inbox of conversations, as an event of our own."""
    raw = msgspec.json.encode(news).decode()
    events = [
        inbox.Arrival(channel, sender, f"linked:{at.inbox_id}:{n}", raw, at.at_ms, bot)
        for n, (_, channel, bot, sender) in enumerate(whom)
    ]
    if events:
        await inbox.add(connection, events)


@write.register
async def _(effect: e.AcceptInvitation, connection: Connection, at: At) -> None:
    await links.accept(
        connection,
        effect.kept,
        officer_id=effect.officer.id,
        conversation_id=_own(at),
        at_ms=at.at_ms,
    )


@write.register
async def _(effect: e.LeaveDesk, connection: Connection, at: At) -> None:
    mine = update(conversation).where(conversation.c.id == _own(at))
    await connection.execute(mine.values(officer_id=None))


@write.register
async def _(effect: e.GiveDeskLink, connection: Connection, at: At) -> None:
    await officers.add_credential(
        connection,
        token=effect.token,
        officer_id=effect.officer,
        kind="link",
        at_ms=at.at_ms,
        expires_ms=to_ms(effect.until),
    )
