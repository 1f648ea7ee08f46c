"""Where a person stands: plain JSON with stable tags, never class paths."""

from collections.abc import Mapping
from typing import Any

from msgspec import field

from dialogs.changes import Record, changed

STATE_VERSION = 2
TRAIL_LENGTH = 24


class Spoken(Record, frozen=True):
    """The last free text and where it was said, so that a second message can amend it."""

    step: str
    arg: str
    text: str
    at_ms: int


class Gathering(Record, frozen=True):
    """Photos that come in pieces: whose album is still growing, since when nothing was added.

    `album` is the inbox id of its first message, 0 where photos were not taken and that was said;
    `at_ms` is when the last piece reached us.
    """

    album: int
    at_ms: int


class State(Record, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """`flow`, `step` and `arg` name the present question, `screen` numbers the questions shown;
    those from `first` to `screen` are the present one, asked once or more.

    `trail` holds the way back as "step arg" words, `hold` the notes of the present question only,
    `opened` the file versions an officer looked at. Place and title are kept here until a
    declaration holds them, `period` being the title's year; `by_code` tells that the place came
    with a QR code. `carried` are last year's answers, each to be confirmed. `asked_ms` is when the
    present question was first asked, kept where the channel does not say what a person looked at.
    `gathering` is the album that comes in pieces, until it is answered.
    """

    flow: str = "citizen"
    step: str = "hello"
    arg: str = ""
    screen: int = 0
    first: int = 0
    locale: str = "vi"
    misses: int = 0
    trail: tuple[str, ...] = ()
    place: str | None = None
    by_code: bool = False
    village: str | None = None
    village_text: str | None = None
    title: str | None = None
    period: int | None = None
    carried: Mapping[str, int] = field(default_factory=dict)
    photos_asked: bool = False
    submitting: bool = False
    spoken: Spoken | None = None
    hold: Mapping[str, Any] = field(default_factory=dict)
    opened: Mapping[str, int] = field(default_factory=dict)
    asked_ms: int = 0
    gathering: Gathering | None = None

    def trail_on(self) -> tuple[str, ...]:
        """Return the trail of the question after this one: this one is where "back" leads."""
        return (*self.trail, f"{self.step} {self.arg}".strip())[-TRAIL_LENGTH:]

    def back(self) -> "State":
        """Return the state at the question before this one (the same where there is none)."""
        if not self.trail:
            return self
        step, _, arg = self.trail[-1].partition(" ")
        return changed(self, step=step, arg=arg, trail=self.trail[:-1], misses=0, hold={})
