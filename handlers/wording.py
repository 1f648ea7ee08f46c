"""A decided turn put into words: what its channel takes, and what the person said."""

from dialogs.effects import Forget, Show
from dialogs.engine import Turn
from handlers.channel import Channel
from handlers.i18n import Words
from handlers.internal import is_notice
from storage.conversations import Conversation
from storage.effects import Spoken, TurnWrite
from storage.inbox import Kept
from storage.outbox import ANSWER, NOTICE, QUEUED, SENT


def write_of(
    turn: Turn, message: Kept, conversation: Conversation, channel: Channel, words: Words
) -> TurnWrite:
    """Return everything `turn` writes, its screens rendered for `channel`.

    What a person said on the way to being forgotten is not kept.
    """
    said = None
    if turn.said is not None and Forget not in map(type, turn.effects):
        said = words.text(turn.said, turn.state.locale).replace("\x00", "")
    return TurnWrite(
        inbox_id=message.id,
        conversation_id=conversation.id,
        seen=conversation.version,
        state=turn.state,
        effects=turn.effects,
        spoken=_spoken(turn, message, channel, words),
        said=said,
        person=conversation.counted,
    )


def _spoken(turn: Turn, message: Kept, channel: Channel, words: Words) -> tuple[Spoken, ...]:
    shows = [effect for effect in turn.effects if isinstance(effect, Show)]
    status, state = (SENT if channel.fetched else QUEUED), turn.state
    kind = NOTICE if is_notice(message.raw) else ANSWER
    spoken = []
    for n, show in enumerate(shows):
        id = str(show.number) if show.number else f"r{message.id}-{n}"
        for payload in channel.render(show.screen, id=id, words=words, state=state):
            spoken.append(Spoken(payload, show.number, show.reply_to, status, kind))
    return tuple(spoken)
