"""What script.md says, as tables: points of the answers, and where a choice leads.

Questions are named by what is asked: "A4", "name", "summary"; "!" behind one forgets the way back.
"""

from typing import Any

CODES = ("A1", "A2", "A3", "A4", "B1", "B2", "B3", "C1", "C2", "C3")
FIVES, SIXES = (3, 5, 8, 10), (3, 6, 8, 10)
POINTS = (FIVES, FIVES, SIXES, SIXES, FIVES, FIVES, SIXES, (5, 6, 8, 10), SIXES, SIXES)
SCALE = dict(zip(CODES, POINTS, strict=True))
LEFT, MARK, FLOOR, NOTICE_SECONDS, PHOTOS = -1, 80, 5, 60, 10
# Questions at which nothing is open: a notice leads on from them.
RESTING = ("home", "receipt", "supplement", "notice")
TARGETS = {"approve": "approved", "return": "returned", "reject": "rejected"}
# By question and choice; "next" is the first question without an answer.
LEADS = {
    "hello": {"start": "next", "elsewhere": "place"}, "title": {"citizen": "next"},
    "photos": {"none": "next", "later": "next"}, "receipt": {"yes": "home!", "no": "home!"},
    "summary": {"submit": "submit", "edit": "edit", "photos": "photos", "later": "home"},
    "edit": {"place": "place", "name": "name", **{code: code for code in CODES}},
    "home": {"continue": "next", "withdraw": "withdraw", "mydata": "mydata"},
    "mydata": {"home": "home", "erase": "erase"}, "notice": {"see": "home!"},
    "farewell": {"start": "hello!"},
}  # fmt: skip
# Somebody of whom nothing is known yet.
ANEW: dict[str, Any] = {"at": "hello", "trail": [], "file": None, "place": None,
                        "title": None, "campaign": False, "photos_asked": False}  # fmt: skip
