"""Examples of the description, by the name of their schema; a test validates every one of them."""

from typing import Any

from handlers.admin.people_examples import PEOPLE
from handlers.admin.rule_examples import RULES

_ID = "5f0c1b7e9a3d4c2e8b6f10"
_HOA = {"name": "Nguyễn Thị Hòa", "birth_year": 1965, "settled": True}
_PLACE: dict[str, Any] = {
    "commune": "20242",
    "commune_name": {
        "vi": "phường Hải Châu, TP. Đà Nẵng",
        "en": "Hải Châu ward, Đà Nẵng city",
    },
    "village": "20242-012",
    "village_name": "Tổ 12",
    "typed": None,
}
_LISTED: dict[str, Any] = {
    "id": _ID,
    "code": "KH26-7F3K-2M",
    "status": "submitted",
    "version": 3,
    "title": "citizen",
    "period": 2026,
    "place": _PLACE,
    "declarant": _HOA,
    "submitted_at": "2026-10-04T02:15:00Z",
    "total": 86,
    "pass_mark": 80,
    "passes": True,
    "photos": 3,
    "unclear_photos": 1,
    "warnings": [],
}
_DECISION: dict[str, Any] = {
    "action": "approve",
    "reason": None,
    "at": "2026-10-06T03:00:00Z",
    "told": False,
    "undo_until": "2026-10-06T03:01:00Z",
}
_LINE: dict[str, Any] = {
    "criterion": "A2",
    "number": 2,
    "group": "A",
    "short": {"vi": "lớp đã học", "en": "class taken"},
    "self_points": 10,
    "reviewed_points": 8,
    "points": 8,
    "max": 10,
    "below_floor": False,
    "unsettled": False,
    "reason": "Có giấy chứng nhận 1 lớp",
}
_FILE: dict[str, Any] = {
    **_LISTED,
    "criteria": {
        "version": "citizen-2026-sample-1",
        "name": {"vi": "Công dân học tập", "en": "Learning Citizen"},
        "status": "sample",
    },
    "answers": [
        {
            "criterion": "A2",
            "number": 2,
            "question": {
                "vi": "Năm nay đã dự lớp, tập huấn, chuyên đề nào?",
                "en": "Have you attended any class or training this year?",
            },
            "option": 4,
            "answer": {"vi": "Học xong từ 2", "en": "Finished 2 or more"},
        }
    ],
    "score": {
        "total": 84,
        "self_total": 86,
        "max": 100,
        "pass_mark": 80,
        "floor": 5,
        "passes": True,
        "groups": [
            {
                "id": "A",
                "name": {"vi": "Tự học", "en": "Self-learning"},
                "points": 32,
                "max": 40,
            }
        ],
        "lines": [_LINE],
    },
    "evidence": [
        {
            "id": "c41d0e9b7a2f4d6c8e1a35",
            "criterion": None,
            "verdict": "blurry",
            "reason": None,
            "url": f"/api/v1/declarations/{_ID}/evidence/c41d0e9b7a2f4d6c8e1a35",
            "thumb_url": f"/api/v1/declarations/{_ID}/evidence/c41d0e9b7a2f4d6c8e1a35?size=thumb",
        }
    ],
    "asked": [],
    "decision": None,
    "return_by": None,
    "twins": 0,
    "unsent": None,
    "history": [
        {
            "at": "2026-10-04T02:15:00Z",
            "action": "submit",
            "officer": None,
            "via": "chat",
            "source": "draft",
            "target": "submitted",
            "details": {"version": 2, "items": []},
        }
    ],
}
_FIGURES: dict[str, Any] = {
    "registered": 40,
    "begun": 6,
    "taken_back": 1,
    "declared": 33,
    "submitted": 5,
    "returned": 2,
    "approved": 21,
    "rejected": 5,
}
_OWN: dict[str, Any] = {
    "Me": {
        "id": "pYw3Jm0sRkq0m0m7o5n1Zg",
        "name": "Trần Văn Tư",
        "role": "commune_officer",
        "place": "20242",
        "place_name": _PLACE["commune_name"],
        "may_decide": True,
        "may_read_files": True,
    },
    "Files": {"items": [_LISTED], "next": "pYw3Jm0sRkq0m0m7o5n1Zg"},
    "FileOut": _FILE,
    "FileState": {
        "id": _ID,
        "code": "KH26-7F3K-2M",
        "status": "approved",
        "version": 5,
        "total": 84,
        "return_by": None,
        "decision": _DECISION,
    },
    "Approve": {
        "version": 3,
        "note": "Chúc mừng",
        "scores": [{"criterion": "A2", "points": 8, "reason": "Có giấy chứng nhận 1 lớp"}],
    },
    "Return": {"version": 3, "items": [{"criterion": "A2", "reason": "blurry_photo"}]},
    "Reject": {"version": 3, "reason": "Chưa dự lớp nào trong năm"},
    "Undo": {},
    "Rescore": {
        "version": 3,
        "criterion": "A2",
        "points": 8,
        "reason": "Có giấy chứng nhận 1 lớp",
    },
    "Block": {"hours": 24, "reason": "flood"},
    "BlockState": {"blocked": True, "until": "2026-10-07T03:00:00Z", "reason": "flood"},
    "Blocks": {
        "items": [
            {
                "declaration": _ID,
                "reason": "flood",
                "since": "2026-10-06T03:00:00Z",
                "until": "2026-10-07T03:00:00Z",
            }
        ],
        "next": None,
    },
    "Correct": {"version": 3, "name": "Nguyễn Thị Hòa", "village": "20242-012"},
    "PlaceSummary": {
        "place": "20242",
        "name": _PLACE["commune_name"],
        "level": "commune",
        "period": 2026,
        "demo": False,
        "titles": [
            {
                "title": "citizen",
                "suppressed": False,
                "figures": _FIGURES,
                "parts": [
                    {
                        "place": "20242-012",
                        "name": {"vi": "Tổ 12", "en": "Tổ 12"},
                        "suppressed": False,
                        "figures": _FIGURES,
                    }
                ],
            }
        ],
    },
}
EXAMPLES: dict[str, Any] = PEOPLE | RULES | _OWN
