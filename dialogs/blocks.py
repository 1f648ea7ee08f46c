"""Blocks: for how long and why nobody listens to a person, in the words of the house."""

from typing import Final, Literal

# A code, so that the journal names the reason without a word about the person.
BlockReason = Literal["flood", "abuse", "fraud", "other"]
HOURS_MAX: Final = 720
HOURS_USUAL: Final = 24
