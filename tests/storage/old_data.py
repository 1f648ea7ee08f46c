"""Rows as an installation of each schema version had them, at least one in every table.

`LAYERS` has a line for every version: what it changes about the rows of the one before. A new
version without its line fails a test.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any
from zlib import crc32

from sqlalchemy import Connection, insert

from storage.audit_digest import CHAINED, FIRST, digest_of
from storage.backup.schema import bring_to, count_on, reflect, unguarded

Rows = dict[str, list[dict[str, Any]]]
AT = 1_790_000_000_000
DAY = 86_400_000


def _row(**values: Any) -> dict[str, Any]:
    return values


def _file(number: int, status: str, version: int, **values: Any) -> dict[str, Any]:
    file = {
        "id": number, "public_id": f"file{number:018}", "person_id": 1 + number % 2,
        "title": "citizen", "period": 2020 + number, "criteria": "citizen-2026-1",
        "status": status, "version": version, "province": "48", "commune": "20242",
        "village": "20242-012", "village_text": None, "code": f"KH26-000{number}-2M", "total": 84,
        "photos": 0, "submitted_ms": AT, "return_by": None, "decision_action": None,
        "decision_reason": None, "decision_ms": None, "decision_officer": None,
        "decision_told": False, "demo": False, "at_ms": AT - DAY,
    }  # fmt: skip
    return {**file, **values}


def _decided(action: str) -> dict[str, Any]:
    return _row(decision_action=action, decision_ms=AT + DAY, decision_officer=1)


def _line(number: int, action: str, file: int | None, version: int, **values: Any) -> Any:
    line = {
        "id": number, "at_ms": AT + number, "action": action, "declaration_id": file,
        "officer_id": None, "via": "chat", "source": None, "target": None,
        "details": f'{{"version":{version},"items":[]}}',
    }  # fmt: skip
    return {**line, **values}


def _first(rows: Rows) -> None:
    """0001: all the tables of the walk."""
    submitted = _row(source="draft", target="submitted")
    by = _row(officer_id=1, via="api", source="submitted")
    rows.update(
        person=[
            _row(id=1, name="Nguyễn Thị Đào", name_folded="nguyen thi dao", birth_year=1965,
                 settled=True, at_ms=AT),
            _row(id=2, name=None, name_folded=None, birth_year=None, settled=False, at_ms=AT),
        ],
        officer=[
            _row(id=1, name="Cán bộ mẫu", role="commune_officer", place="20242", locale="vi",
                 told_ms=None, revoked_ms=None, demo=False, at_ms=AT),
        ],
        credential=[
            _row(token_hash="ab" * 32, officer_id=1, kind="api", expires_ms=None, used_ms=None,
                 at_ms=AT),
        ],
        consent_text=[_row(version="1", text="Khai Học lưu họ tên …")],
        consent=[
            _row(person_id=1, purpose="declaration", given_ms=AT, text_version="1", locale="vi",
                 inbox_id=3, withdrawn_ms=None),
        ],
        inbox=[
            _row(id=3, channel="web", bot="", sender="s1", external_id="e" * 32, raw=None,
                 said="1", status=1, attempts=0, error=None, at_ms=AT),
            _row(id=5, channel="web", bot="", sender="s1", external_id="f" * 32, raw='{"a":1}',
                 said=None, status=0, attempts=1, error=None, at_ms=AT),
        ],
        outbox=[
            _row(inbox_id=3, n=0, conversation_id=1, reply_to=3, number=7, payload='{"text":"ạ"}',
                 status="sent", at_ms=AT),
        ],
        conversation=[
            _row(id=1, sender="s1", channel="web", bot="", shard=4, person_id=1, officer_id=None,
                 state='{"flow":"citizen"}', state_version=1, version=9, seen_ms=AT),
        ],
        criteria_version=[_row(version="citizen-2026-1", digest="d" * 64, content="{}")],
        declaration=[
            _file(1, "draft", 1, code=None, total=None, submitted_ms=None),
            _file(2, "submitted", 2),
            _file(3, "approved", 4, **_decided("approve")),
            _file(4, "rejected", 3, **_decided("reject"), village=None, village_text="xóm Đình"),
            # Erased before schema 0002: no line tells of it.
            _file(5, "approved", 4, **_decided("approve"), person_id=None),
        ],
        answer=[_row(declaration_id=2, criterion="A1", option=3, inbox_id=3)],
        reviewed=[
            _row(declaration_id=3, criterion="A1", points=5, reason="đã xem sổ", officer_id=1,
                 at_ms=AT),
        ],
        return_item=[
            _row(declaration_id=4, criterion="B2", reason="photo_unclear", note=None, needs="photo",
                 settled=True),
        ],
        evidence=[
            _row(id="photo" * 4, declaration_id=2, album=3, n=0, criterion="A1", verdict="clear",
                 reason=None, incoming=None, photo_key="ab/cd/x.jpg", thumb_key="ab/ce/x.jpg",
                 width=800, height=600, original_sha256="0" * 64, at_ms=AT),
        ],
        due=[
            _row(id=2, kind="notice", declaration_id=3, arg="3", due_ms=AT, done_ms=AT,
                 outcome="told"),
        ],
        audit=[
            _line(1, "officer_invite", None, 0, via="command", details='{"officer":1}'),
            _line(2, "submit", 2, 1, **submitted),
            _line(3, "submit", 3, 1, **submitted),
            _line(5, "score", 3, 2, officer_id=1, details='{"criterion":"A1","points":5}'),
            _line(6, "approve", 3, 3, **by, target="approved"),
            _line(7, "submit", 4, 1, **submitted),
            _line(8, "reject", 4, 2, **by, target="rejected"),
            _line(9, "submit", 5, 1, **submitted),
            _line(10, "approve", 5, 2, **by, target="approved"),
        ],
        village=[
            _row(code="20242-012", commune="20242", name="tổ 12", kind="residential_group",
                 old_commune=None, valid_from=None, valid_to=None),
        ],
        commune_info=[
            _row(code="20242", controller="UBND phường Hải Châu", reviewers=None, contact_name=None,
                 contact_phone=None, paper_place=None, submit_by=None, answer_by="2026-11-30",
                 difficult=False, difficult_source=None, demo=False),
        ],
        note=[_row(name="seed", value="empty")],
    )  # fmt: skip


def _chain(rows: Rows) -> None:
    """0002: the journal is chained, by place."""
    heads: dict[str, tuple[int, str]] = {}
    for line in rows["audit"]:
        place = "20242" if line["declaration_id"] else ""
        seq, before = heads.get(place, (0, FIRST))
        line |= {"place": place, "seq": seq + 1}
        line["digest"] = digest_of(before, tuple(line[name] for name in CHAINED))
        heads[place] = seq + 1, line["digest"]
    rows["audit_head"] = [_row(place=p, seq=seq, digest=d) for p, (seq, d) in heads.items()]


def _sum(rows: Rows) -> None:
    """0003: sums of villages and communes are kept."""
    names = ("begun", "taken_back", "submitted", "returned", "approved", "rejected", "withdrawn")
    rows["place_sum"] = [
        _row(place=place, parent=parent, period=file["period"], title="citizen", demo=False,
             **{name: int(name == file["status"].replace("draft", "begun")) for name in names})
        for file in rows["declaration"]
        for place, parent in ((file["commune"], "48"), (file["village"], file["commune"]))
        if place
    ]  # fmt: skip


def _open(rows: Rows) -> None:
    """0004: periods, published criteria, versions of what communes set."""
    rows["period"] = [
        _row(title="citizen", year=2026, province="48", opens_on="2026-01-01",
             closes_on="2026-12-15", closed=False, version=2, officer_id=1, at_ms=AT),
    ]  # fmt: skip
    rows["criteria_publication"] = [
        _row(version="citizen-2026-1", state="published", officer_id=1, at_ms=AT)
    ]
    for row in (*rows["village"], *rows["commune_info"]):
        row["version"] = 3


def _block(rows: Rows) -> None:
    """0005: people who are not listened to for a while."""
    rows["block"] = [
        _row(id=4, sender=None, person_id=2, declaration_id=None, reason="flood", officer_id=1,
             until_ms=AT + DAY, at_ms=AT),
    ]  # fmt: skip


def _divide(rows: Rows) -> None:
    """0006: shards."""
    rows["shard"] = [_row(number=number) for number in range(64)]
    for message in rows["inbox"]:
        message["shard"] = crc32(message["sender"].encode()) % 64


def _send(rows: Rows) -> None:
    """0007: what was said so far was fetched; a person who left, an account that waits."""
    fetched = {"kind": 0, "attempts": 0} | dict.fromkeys(("due_ms", "lease_ms", "error", "ref"))
    rows["outbox"] = [row | fetched for row in rows["outbox"]]
    rows["contact"] = [
        _row(
            sender="zb:0000000000000000001a", acted_ms=AT, stopped="unfollowed", stopped_ms=AT + 1
        ),
    ]
    rows["outlet"] = [
        _row(channel="zalo_bot", bot="77", next_ms=AT, paused_ms=AT + DAY, paused_for="429",
             month="2026-11", sent=12),
    ]  # fmt: skip


def _seal(rows: Rows) -> None:
    """0008: tokens of a Zalo account, one renewal of which nobody knows the end."""
    rows["zalo_token"] = [
        _row(oa_id="4001", access="c2VhbGVk", refresh="c2VhbGVkIHRvbw", access_expires_ms=AT + DAY,
             version=7, rotated_ms=AT, state="human", code="-14020", alarmed_ms=AT + 5,
             asking="f" * 32, asking_ms=AT + 4, spent="e" * 64, asked=2, again_ms=AT + 3),
    ]  # fmt: skip


def _fetch(rows: Rows) -> None:
    """0009: photos know how they came; one still lies on a platform, its album not whole yet."""
    known = {"source": None, "conversation_id": 1, "quiet_ms": None}
    rows["evidence"] = [row | known for row in rows["evidence"]]
    far = {"id": "far" * 7, "album": 4, "verdict": "pending", "incoming": "far-000000000004-00"}
    bare = dict.fromkeys(("photo_key", "thumb_key", "width", "height", "original_sha256"))
    where = {"source": "https://photo-stal-1.zdn.vn/a.jpg", "quiet_ms": AT + 2_000}
    rows["evidence"].append(rows["evidence"][0] | bare | far | where)


def _link(rows: Rows) -> None:
    """0010: a person whose turns are counted; a word for another channel, one tried in vain."""
    rows["person"] = [row | {"version": 5 if row["id"] == 2 else None} for row in rows["person"]]
    rows["conversation"] = [row | {"linked_ms": None} for row in rows["conversation"]]
    rows["link"] = [
        _row(kept="c" * 32, kind="code", person_id=2, conversation_id=1, expires_ms=AT + DAY,
             used_ms=None),
    ]  # fmt: skip
    rows["link_try"] = [_row(id=8, conversation_id=1, at_ms=AT)]


LAYERS: Mapping[str, Callable[[Rows], None]] = {
    "0001": _first,
    "0002": _chain,
    "0003": _sum,
    "0004": _open,
    "0005": _block,
    "0006": _divide,
    "0007": _send,
    "0008": _seal,
    "0009": _fetch,
    "0010": _link,
}


def rows_at(revision: str) -> Rows:
    """Return the rows of an installation at `revision`."""
    rows: Rows = {}
    for known, change in LAYERS.items():
        change(rows)
        if known == revision:
            return deepcopy(rows)
    raise KeyError(revision)


def fill(connection: Connection, revision: str) -> None:
    """Make the schema of `revision` in an empty database and put its rows in."""
    bring_to(connection, revision)
    rows = rows_at(revision)
    with unguarded(connection):
        for name, table in reflect(connection).items():
            connection.execute(table.delete())
            connection.execute(insert(table).inline(), rows[name])
    count_on(connection)


def read_all(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table, by primary key."""
    return {
        name: [
            dict(row)
            for row in connection.execute(
                table.select().order_by(*table.primary_key.columns)
            ).mappings()
        ]
        for name, table in reflect(connection).items()
    }
