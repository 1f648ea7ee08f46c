"""The channels this installation serves, one line each; a channel's library loads when it is on."""

from collections.abc import Mapping

from handlers.channel import Channel
from handlers.web.channel import WebChannel


def serve_channels() -> Mapping[str, Channel]:
    """Return the channels that are on, by name. The web needs no token and is always on."""
    return {"web": WebChannel()}
