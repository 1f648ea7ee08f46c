"""What a word that joins channels leads to: looked up by its keyed hash."""

from dialogs.facts import LinkBy, LinkWord
from handlers.parts import Parts
from storage import conversations, links
from storage.database import Connection
from storage.inbox import event_key
from storage.seams import to_ms

PURPOSE = "links"


async def find_link(connection: Connection, parts: Parts, need: LinkBy) -> LinkWord:
    """Return the form in which a word is kept, and while it can be used, whose it is."""
    kept = need.kept or event_key(parts.secret(PURPOSE), need.word)
    offered = await links.get_offered(connection, kept, now_ms=to_ms(parts.now()))
    if offered is None:
        return LinkWord(kept)
    giver = (await conversations.load(connection, [offered.sender])).get(offered.sender)
    # A giver that only a newer program can read lets nobody in through this one.
    if giver is None or giver.person is None:
        return LinkWord(kept)
    return LinkWord(
        kept, giver.person, giver.declaration, giver.consents, giver.state, giver.channel
    )
