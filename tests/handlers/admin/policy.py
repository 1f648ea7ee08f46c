"""Who may do what: one line a route, written by hand, never derived from the program.

A line says how a route answers each actor, about a thing at each place. `test_policy.py` sends each
cell of every line to a running program; a route without a line, or a line without a route, fails.

Adding a route: add its line. The answers of an actor are either one status for all places, or six,
in the order of POSITIONS, "-" where no such thing can exist (no village has a child, no file lies
in a province itself). Own is what lies at the actor's own place; sibling the place beside it under
the same parent; foreign another commune of another province; missing an id nothing has. POST, PUT
and DELETE get a fresh thing of the line's `of` for every cell that succeeds. `{id}`, `{code}` ...
in path, query and body are filled in with the thing's ids (`matrix.Thing`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Actor = Literal[
    "anonymous",
    "citizen",
    "village_reviewer",
    "commune_officer",
    "commune_leader",
    "province_viewer",
    "operator",
    "revoked",
    "expired",
]
Position = Literal["own", "sibling", "parent", "child", "foreign", "missing"]
POSITIONS: Final[tuple[Position, ...]] = (
    "own",
    "sibling",
    "parent",
    "child",
    "foreign",
    "missing",
)
# What a route is about. "mine": a photo a citizen sent. "link": a one-time officer link. "officer":
# one who stands below a leader (in a province: its viewer); "peer": one of the actor's own role;
# "self": the actor. "holder": who has tokens, "token": one of them; own ones are the actor's.
Of = Literal[
    "nothing", "file", "decided", "photo", "place", "mine", "link", "officer", "peer", "self",
    "holder", "token", "criteria", "period",
]  # fmt: skip
Answers = dict[Actor, str]


@dataclass(frozen=True, slots=True)
class Line:
    """How one call of one route answers each actor."""

    method: str
    path: str
    of: Of
    answers: Answers
    query: Mapping[str, str] = field(default_factory=dict)
    body: object = None
    photo: bool = False
    # The answer is 200 with a status for each item: that of the only item counts.
    per_item: bool = False


def _all(status: str) -> Answers:
    return {
        "anonymous": status,
        "citizen": status,
        "village_reviewer": status,
        "commune_officer": status,
        "commune_leader": status,
        "province_viewer": status,
        "operator": status,
        "revoked": status,
        "expired": status,
    }


# Callers of the API without a valid token.
OUT: Final[Answers] = {"anonymous": "401", "citizen": "401", "revoked": "401", "expired": "401"}
# The citizen's chat knows nobody but the holder of its own cookie.
CITIZEN: Final[Answers] = _all("401") | {"citizen": "200"}
# A revoked officer's chat is still there to say so; it says nothing else (test_revoked.py).
OFFICERS: Final[Answers] = _all("200") | {"anonymous": "401", "citizen": "401", "expired": "401"}
EVERY_ROLE: Final[Answers] = _all("200") | OUT
READS: Final[Answers] = {
    **OUT,
    "village_reviewer": "200",
    "commune_officer": "200",
    "commune_leader": "200",
    "province_viewer": "403",
    "operator": "403",
}
# Files with names: a province sees figures only, an operator none.
READS_FILES: Final[Answers] = {
    **OUT,
    "village_reviewer": "200 404 404 - 404 404",
    "commune_officer": "200 404 - 200 404 404",
    "commune_leader": "200 404 - 200 404 404",
    "province_viewer": "403",
    "operator": "403",
}
READS_PLACES: Final[Answers] = {
    **OUT,
    "village_reviewer": "200 404 404 - 404 404",
    "commune_officer": "200 404 404 200 404 404",
    "commune_leader": "200 404 404 200 404 404",
    "province_viewer": "403",
    "operator": "403",
}
DECIDES: Final[Answers] = READS_FILES | {"village_reviewer": "403"}
# Blocking a person: a leader in the own commune, an operator anywhere.
BLOCKS: Final[Answers] = DECIDES | {
    "commune_officer": "403",
    "operator": "- - - 200 200 404",
}
# Officers and invitations: a leader in the own commune, an operator everywhere.
APPOINTS: Final[Answers] = {
    **OUT,
    "village_reviewer": "403",
    "commune_officer": "403",
    "commune_leader": "200 404 404 200 404 404",
    "province_viewer": "403",
    "operator": "200 200 - 200 200 404",
}
INVITES: Final[Answers] = APPOINTS | {
    "commune_leader": "201 404 404 201 404 404",
    "operator": "201 201 - 201 201 404",
}
# Tokens: everybody one's own, an operator everybody's below.
KEEPS_TOKENS: Final[Answers] = {
    **OUT,
    "village_reviewer": "200 404 404 - 404 404",
    "commune_officer": "200 404 404 404 404 404",
    "commune_leader": "200 404 404 404 404 404",
    "province_viewer": "200 404 - 404 404 404",
    "operator": "200 200 - 200 200 404",
}
REASON: Final = {"criterion": "A2", "reason": "blurry_photo"}
EVENT: Final = {"event_id": "{uuid}", "text": "menu"}

SETS: Final[Answers] = {
    **OUT,
    "village_reviewer": "403",
    "commune_officer": "403",
    "commune_leader": "200 404 404 404 404 404",
    "province_viewer": "403",
    "operator": "404 404 - 200 200 404",
}
SETTINGS: Final[Answers] = SETS | {"commune_officer": "200 404 404 404 404 404"}
OPERATES: Final[Answers] = {
    **OUT,
    "village_reviewer": "403",
    "commune_officer": "403",
    "commune_leader": "403",
    "province_viewer": "403",
    "operator": "200 - - - - 404",
}

LINES: Final[tuple[Line, ...]] = (
    # Pages and health: anybody, without a word about anybody.
    Line("GET", "/", "nothing", _all("200")),
    Line("GET", "/go/{code}", "place", _all("303 303 404 303 303 404") | {
        "village_reviewer": "303 303 303 - 303 404",
        "province_viewer": "404 404 - 303 303 404",
        "operator": "404 404 - 303 303 404",
    }),
    Line("GET", "/static", "nothing", _all("200")),
    Line("GET", "/api/openapi.json", "nothing", _all("200")),
    Line("GET", "/api/docs", "nothing", _all("200")),
    Line("GET", "/api/docs.css", "nothing", _all("200")),
    Line("GET", "/health/live", "nothing", _all("200")),
    Line("GET", "/health/ready", "nothing", _all("200")),
    # The tests call from the machine itself; everybody else: tests/handlers/test_metrics.py.
    Line("GET", "/metrics", "nothing", _all("200")),
    # Only what a chat was given opens a photo: tests/handlers/test_shown.py.
    Line("GET", "/shown/{token}", "link", _all("404 - - - - 404")),
    Line("GET", "/officer/{token}", "link", _all("200 - - - - 404")),
    Line("POST", "/officer/{token}", "link", _all("303 - - - - 404")),
    # The citizen's chat: a cookie opens one conversation and its own photos.
    Line("POST", "/chat/sessions", "nothing", _all("200"), body={}),
    Line("POST", "/chat/events", "nothing", CITIZEN, body=EVENT),
    Line("POST", "/chat/photos", "nothing", CITIZEN, body={"event_id": "{uuid}"}, photo=True),
    Line("GET", "/chat/screens", "nothing", CITIZEN),
    Line("GET", "/chat/evidence/{number}", "mine", _all("401") | {
        "citizen": "200 - - - 404 404",
    }),
    # The officer's chat: another cookie, on its own path.
    Line("GET", "/officer", "nothing", OFFICERS),
    Line("POST", "/officer/chat/sessions", "nothing", OFFICERS, body={}),
    Line("POST", "/officer/chat/events", "nothing", OFFICERS, body=EVENT),
    Line(
        "POST", "/officer/chat/photos", "nothing", OFFICERS,
        body={"event_id": "{uuid}"}, photo=True,
    ),
    Line("GET", "/officer/chat/screens", "nothing", OFFICERS),
    Line("GET", "/officer/chat/evidence/{number}", "photo", {
        "anonymous": "401",
        "citizen": "401",
        "village_reviewer": "200 404 404 - 404 404",
        "commune_officer": "200 404 - 200 404 404",
        "commune_leader": "200 404 - 200 404 404",
        "province_viewer": "404",
        "operator": "404",
        "revoked": "404",
        "expired": "401",
    }),
    # The admin API.
    Line("GET", "/api/v1/me", "nothing", EVERY_ROLE),
    Line("GET", "/api/v1/declarations", "nothing", READS),
    Line("GET", "/api/v1/declarations", "place", READS_PLACES, query={"place": "{code}"}),
    Line("GET", "/api/v1/declarations/{id}", "file", READS_FILES),
    Line("GET", "/api/v1/declarations/{id}/evidence/{evidence_id}", "photo", READS_FILES),
    Line(
        "GET", "/api/v1/declarations/{id}/evidence/{evidence_id}", "photo", READS_FILES,
        query={"size": "thumb"},
    ),
    Line("POST", "/api/v1/declarations/{id}/approve", "file", DECIDES, body={"version": 2}),
    Line(
        "POST", "/api/v1/declarations/{id}/return", "file", DECIDES,
        body={"version": 2, "items": [REASON]},
    ),
    Line(
        "POST", "/api/v1/declarations/{id}/reject", "file", DECIDES,
        body={"version": 2, "reason": "Chưa đủ"},
    ),
    Line("POST", "/api/v1/declarations/{id}/undo", "decided", DECIDES, body={}),
    Line(
        "POST", "/api/v1/declarations/{id}/score", "file", DECIDES,
        body={"version": 2, "criterion": "A2", "points": 10, "reason": "Đủ 2 lớp"},
    ),
    Line(
        "POST", "/api/v1/declarations/{id}/correct", "file", DECIDES,
        body={"version": 2, "name": "Nguyễn Thị Hoà"},
    ),
    Line(
        "POST", "/api/v1/declarations/bulk", "file", DECIDES, per_item=True,
        body={"action": "approve", "items": [{"id": "{id}", "version": 2}]},
    ),
    # The journal: ids and codes; a province sees figures only.
    Line("GET", "/api/v1/audit", "nothing", READS | {"operator": "200"}),
    Line("GET", "/api/v1/audit", "file", READS_FILES | {
        "operator": "- - - 200 200 404",
    }, query={"declaration": "{id}"}),
    Line("GET", "/api/v1/officers", "nothing", EVERY_ROLE | {
        "village_reviewer": "403",
        "commune_officer": "403",
        "province_viewer": "403",
    }),
    Line("GET", "/api/v1/officers", "place", APPOINTS, query={"place": "{code}"}),
    Line("POST", "/api/v1/officers/invitations", "place", INVITES | {
        "commune_leader": "201 404 403 201 404 404",
    }, body={"name": "Cán bộ mới", "place": "{code}", "role": "{role}"}),
    Line("POST", "/api/v1/officers/invitations", "place", INVITES | {
        "commune_leader": "403",
        "operator": "422 422 - 201 201 422",
    }, body={"name": "Cán bộ mới", "place": "{code}", "role": "commune_leader"}),
    Line("POST", "/api/v1/officers/invitations", "place", INVITES | {
        "commune_leader": "403",
        "operator": "403",
    }, body={"name": "Cán bộ mới", "place": "{code}", "role": "operator"}),
    Line("POST", "/api/v1/officers/{id}/link", "officer", INVITES),
    Line("POST", "/api/v1/officers/{id}/link", "peer", INVITES | {
        "commune_leader": "403 404 - - 404 404",
        "operator": "403 403 - - 403 404",
    }),
    Line("POST", "/api/v1/officers/{id}/revoke", "officer", APPOINTS),
    Line("POST", "/api/v1/officers/{id}/revoke", "peer", APPOINTS | {
        "commune_leader": "403 404 - - 404 404",
        "operator": "403 403 - - 403 404",
    }),
    Line("POST", "/api/v1/officers/{id}/revoke", "self", APPOINTS | {
        "commune_leader": "403",
        "operator": "403",
    }),
    Line("GET", "/api/v1/tokens", "nothing", EVERY_ROLE),
    Line("GET", "/api/v1/tokens", "holder", KEEPS_TOKENS, query={"officer": "{id}"}),
    Line("POST", "/api/v1/tokens", "nothing", _all("201") | OUT, body={}),
    Line("POST", "/api/v1/tokens", "holder", {
        **OUT,
        "village_reviewer": "201 404 404 - 404 404",
        "commune_officer": "201 404 404 404 404 404",
        "commune_leader": "201 404 404 404 404 404",
        "province_viewer": "201 404 - 404 404 404",
        "operator": "201 201 - 201 201 404",
    }, body={"officer": "{id}", "days": 30}),
    Line("DELETE", "/api/v1/tokens/{id}", "token", {
        **OUT,
        "village_reviewer": "204 404 404 - 404 404",
        "commune_officer": "204 404 404 404 404 404",
        "commune_leader": "204 404 404 404 404 404",
        "province_viewer": "204 404 - 404 404 404",
        "operator": "204 204 - 204 204 404",
    }),
    Line("GET", "/api/v1/blocks", "nothing", READS | {
        "village_reviewer": "403",
        "commune_officer": "403",
        "operator": "200",
    }),
    Line(
        "POST", "/api/v1/declarations/{id}/block", "file", BLOCKS,
        body={"hours": 24, "reason": "flood"},
    ),
    Line("DELETE", "/api/v1/declarations/{id}/block", "file", BLOCKS),
    # Figures without names: a province sees those of its places, an operator only the country's.
    Line("GET", "/api/v1/places/{code}/summary", "place", READS_PLACES | {
        "province_viewer": "200 404 - 200 404 404",
        "operator": "404",
    }),
    # What a commune sets for itself: leaders at home, operators everywhere; officers read.
    Line("GET", "/api/v1/communes/{code}", "place", SETTINGS),
    Line("PATCH", "/api/v1/communes/{code}", "place", SETS | {
        "operator": "404 404 - 200 409 404",
    }, body={"version": 1}),
    Line("GET", "/api/v1/communes/{code}/villages", "place", SETTINGS),
    Line(
        "POST", "/api/v1/communes/{code}/villages", "place", SETS, body={"name": "Tổ {uuid}"},
    ),
    Line("PATCH", "/api/v1/communes/{code}/villages/{village}", "place", SETS | {
        "operator": "404 404 - 200 404 404",
    }, body={"version": 1}),
    # Criteria and periods are no secret; operators publish, open and close.
    Line("GET", "/api/v1/criteria-sets", "nothing", EVERY_ROLE),
    Line("GET", "/api/v1/criteria-sets/{version}", "criteria", {
        **OUT,
        "village_reviewer": "200 - - - - 404",
        "commune_officer": "200 - - - - 404",
        "commune_leader": "200 - - - - 404",
        "province_viewer": "200 - - - - 404",
        "operator": "200 - - - - 404",
    }),
    Line("POST", "/api/v1/criteria-sets", "nothing", OPERATES | {"operator": "422"}, body={
        "toml": "title = 1",
    }),
    Line("GET", "/api/v1/periods", "nothing", EVERY_ROLE),
    Line("POST", "/api/v1/periods/{title}/{year}/open", "period", OPERATES, body={"version": 0}),
    Line("POST", "/api/v1/periods/{title}/{year}/close", "period", OPERATES, body={"version": 0}),
)  # fmt: skip
