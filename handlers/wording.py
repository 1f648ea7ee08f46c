"""A decided turn put into words: what its channel takes, and what the person said."""

from dialogs.effects import Forget, Show
from dialogs.engine import Turn
from handlers.channel import Channel
from handlers.i18n import Words
from storage.conversations import Conversation
from storage.effects import Spoken, TurnWrite
from storage.inbox import Kept
from storage.outbox import QUEUED, SENT


def write_of(
    turn: Turn, message: Kept, conversation: Conversation, channel: Channel, words: Words
) -> TurnWrite:
    """Return everything `turn` writes, its screens rendered for `channel`.

    What a person said on the way to being forgotten is not kept.
    """
    said = None if turn.said is None else words.text(turn.said, turn.state.locale)
    forgets = any(isinstance(effect, Forget) for effect in turn.effects)
    return TurnWrite(
        inbox_id=message.id,
        conversation_id=conversation.id,
        seen=conversation.version,
        state=turn.state,
        effects=turn.effects,
        spoken=_spoken(turn, message, channel, words),
        said=None if said is None or forgets else said.replace("\x00", ""),
    )


def _spoken(turn: Turn, message: Kept, channel: Channel, words: Words) -> tuple[Spoken, ...]:
    shows = [effect for effect in turn.effects if isinstance(effect, Show)]
    return tuple(
        Spoken(
            payload=channel.render(
                show.screen,
                id=str(show.number) if show.number else f"r{message.id}-{n}",
                words=words,
                state=turn.state,
            ),
            number=show.number,
            reply_to=show.reply_to,
            status=SENT if channel.fetched else QUEUED,
        )
        for n, show in enumerate(shows)
    )
