"""Many decisions in one call: how many, and when their pace is worth a note in the journal."""

from typing import Literal

BulkAction = Literal["approve", "return", "reject"]
FILES_MAX = 200
# One file in half a minute for a whole hour: faster than anybody looks at ten answers and photos.
USUAL_PER_HOUR = 120


def is_unusual(decided_in_hour: int) -> bool:
    """Tell whether an officer decided more files within an hour than can have been looked at."""
    return decided_in_hour > USUAL_PER_HOUR
