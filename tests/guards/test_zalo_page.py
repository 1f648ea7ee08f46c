"""docs/zalo.md says of every error code of Zalo what the program does with it, and nothing else."""

import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from handlers.zalo import codes
from handlers.zalo.codes import Meaning

PAGE = (Path(__file__).parents[2] / "docs" / "zalo.md").read_text("utf-8")
# The rows of the page, in their order.
KINDS = ("renew", "later", "pause", "stop", "skip", "human", "wrong")


def test_the_page_names_each_code_in_the_row_of_what_is_done_with_it() -> None:
    (table,) = re.findall(r"(?s)<!-- codes -->\n(.*?)<!-- /codes -->", PAGE)
    rows = [line.strip("|").split("|") for line in table.splitlines()[2:]]
    for column, known in ((1, codes.BOT), (2, codes.OA)):
        named = {
            kind: {int(code) for code in re.findall(r"-?[0-9]{2,5}", row[column])}
            for kind, row in zip(KINDS, rows, strict=True)
        }
        assert named == _by_kind(known)


def _by_kind(known: Mapping[int, Meaning]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for code, meaning in known.items():
        found[meaning.kind].add(code)
    return {kind: found[kind] for kind in KINDS}
