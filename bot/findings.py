"""What the doctor sees."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What was seen of one part: fine, or in words what to do."""

    part: str
    ok: bool
    words: str
