"""What an officer is in the middle of, packed into the argument of a step: plain and complete."""

import json
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Asking:
    """A request for additions being put together for the file `code`.

    `left` are the criteria still without a reason, the first being asked; `given` the others
    with theirs, a code of RETURN_REASONS or own words.
    """

    code: str
    left: tuple[str, ...]
    given: tuple[tuple[str, str], ...] = ()

    def answered(self, reason: str) -> "Asking":
        """Return it with `reason` for the first criterion left."""
        given = (*self.given, (self.left[0], reason))
        return replace(self, left=self.left[1:], given=given)

    def pack(self) -> str:
        """Return it as the argument of a step."""
        return json.dumps([self.code, self.left, self.given], ensure_ascii=False)

    @classmethod
    def unpack(cls, arg: str) -> "Asking":
        """Return what `pack` packed."""
        code, left, given = json.loads(arg)
        return cls(code, tuple(left), tuple((c, r) for c, r in given))


@dataclass(frozen=True, slots=True)
class Scoring:
    """Points about to be given to one indicator of the file `code`, the reason still asked."""

    code: str
    criterion: str
    points: int

    def pack(self) -> str:
        """Return it as the argument of a step."""
        return json.dumps([self.code, self.criterion, self.points])

    @classmethod
    def unpack(cls, arg: str) -> "Scoring":
        """Return what `pack` packed."""
        code, criterion, points = json.loads(arg)
        return cls(code, criterion, points)
