"""Every call of the API, as every role, with what its description allows and what it forbids.

`python -m tests.schemathesis` does the same for longer. The seed is fixed, so that the suite says
the same every time; SCHEMATHESIS_SEED tries another.
"""

import os
from pathlib import Path

from tests.databases import Template
from tests.schemathesis import ROLES, fuzz, target

EXAMPLES = 5
SEED = int(os.environ.get("SCHEMATHESIS_SEED", "20261122"))


def test_no_case_is_answered_otherwise_than_described(tmp_path: Path, template: Template) -> None:
    with target(tmp_path / "var", template, ROLES) as aim:
        tallies = fuzz(aim, examples=EXAMPLES, seed_of=SEED)
    print(*("", *tallies), sep="\n")
    assert [failure for tally in tallies for failure in tally.failures] == []
    assert [(tally.broken, tally.undocumented) for tally in tallies] == [(0, 0)] * len(ROLES)
    assert all({200, 404, 422} <= set(tally.statuses) for tally in tallies[:3])
