"""What reached us, without a platform in it: the outcome of a channel's `parse`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["open", "choice", "text", "photos", "internal"]


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message of one person, or one event of our own (`internal`, named by `text`).

    `screen` is the number of the screen it answers where the platform tells it, `files` name
    uploads in `incoming/`, `values` carry what an opening or an internal event brings along.
    """

    kind: Kind
    text: str = ""
    screen: int | None = None
    choice: str | None = None
    files: tuple[str, ...] = ()
    values: Mapping[str, str | int | None] | None = None
