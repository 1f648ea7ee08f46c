"""What can be wrong with a criteria file, said so that its author finds the place at once."""

from dataclasses import dataclass
from typing import Literal, get_args

from dialogs.errors import Refused
from dialogs.screen import Msg

Reason = Literal[
    "not_toml",
    "no_files",
    "duplicate_version",
    "two_open_sets",
    "missing",
    "missing_language",
    "unknown_field",
    "unknown_value",
    "wrong_type",
    "empty",
    "negative",
    "duplicate",
    "number_gap",
    "group_order",
    "wrong_sum",
    "above_total",
    "above_pass_mark",
    "above_max",
    "years_reversed",
    "option_count",
    "not_ascending",
    "wrong_top",
    "ambiguous_answer",
    "too_long",
    "too_large",
    "not_a_name",
]
REASONS: tuple[Reason, ...] = get_args(Reason)


@dataclass(frozen=True, slots=True)
class CriteriaProblem:
    """One defect: `key` is dotted (`indicators[3].options[1].text.en`), "" means the whole file.

    `reason_code` is stable; `detail` shows the offending values without words of any language.
    """

    file: str
    key: str
    reason_code: Reason
    detail: str = ""

    @property
    def message(self) -> Msg:
        """Return the problem as a text for people, with its place and values filled in."""
        values = {"file": self.file, "key": self.key, "detail": self.detail}
        return Msg(f"criteria.problem.{self.reason_code}", values)

    def __str__(self) -> str:
        """Return one line for logs."""
        return f"{self.file}: {self.key}: {self.reason_code} {self.detail}".rstrip()


class CriteriaInvalid(Refused):
    """Criteria that cannot be used; `problems` lists every defect found, in reading order."""

    code = "criteria_invalid"

    def __init__(self, problems: tuple[CriteriaProblem, ...]) -> None:
        super().__init__(Msg("criteria.invalid", {"problems": tuple(p.message for p in problems)}))
        self.problems = problems

    def __str__(self) -> str:
        """Return every problem on its own line, for logs."""
        return "\n".join(str(problem) for problem in self.problems)
