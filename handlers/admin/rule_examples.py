"""Examples of what the schemas of communes, criteria and periods describe; a test reads each."""

from typing import Any

_COMMUNE: dict[str, Any] = {
    "controller": "UBND phường Hải Châu",
    "reviewers": "ban xét tổ",
    "contact_name": "cô Mẫu, tổ 12",
    "contact_phone": "0000 000 000",
    "paper_place": "nhà văn hóa tổ 12",
    "submit_by": "2026-11-25",
    "answer_by": "2026-11-30",
    "difficult": False,
    "difficult_source": None,
}
_VILLAGE: dict[str, Any] = {
    "code": "20242-019",
    "name": "Tổ 19",
    "kind": "residential_group",
    "old_commune": None,
    "valid_from": "2026-10-01",
    "valid_to": None,
    "version": 1,
}
_PERIOD: dict[str, Any] = {
    "title": "citizen",
    "year": 2026,
    "province": None,
    "standing": "open",
    "opens_on": "2026-01-01",
    "closes_on": "2026-12-31",
    "closed": False,
    "criteria": "citizen-2026-1",
    "version": 1,
}
_SET: dict[str, Any] = {
    "version": "citizen-2026-1",
    "title": "citizen",
    "name": {"vi": "Công dân học tập", "en": "Learning Citizen"},
    "status": "published",
    "open": True,
    "in_force": True,
    "valid_from_year": 2026,
    "valid_to_year": None,
    "total": 100,
    "pass_mark": 80,
    "pass_mark_difficult": 70,
    "floor": 5,
    "indicators": 10,
    "legal_basis": ["QĐ 677/QĐ-TTg ngày 3/6/2022"],
    "digest": "0b" * 32,
    "origin": "api",
    "published_at": "2026-02-03T02:00:00Z",
}
_QUESTION: dict[str, Any] = {
    "code": "A2",
    "number": 2,
    "group": "A",
    "max": 10,
    "ask": {
        "vi": "Năm nay đã dự lớp, tập huấn, chuyên đề nào?",
        "en": "Have you attended any class or training this year?",
    },
    "short": {"vi": "lớp đã học", "en": "class taken"},
    "explain": {"vi": "Tính cả lớp trên mạng.", "en": "Classes online count too."},
    "options": [
        {"points": 3, "text": {"vi": "Chưa", "en": "Not yet"}, "provisional": False},
        {"points": 10, "text": {"vi": "Học xong", "en": "Finished"}, "provisional": False},
    ],
    "evidence": [{"vi": "giấy chứng nhận", "en": "a certificate"}],
    "exposed": False,
}
RULES: dict[str, Any] = {
    "Commune": {
        "code": "20242",
        "name": {"vi": "phường Hải Châu, TP. Đà Nẵng", "en": "Hải Châu ward, Đà Nẵng city"},
        "kind": "ward",
        "province": "48",
        "version": 3,
        **_COMMUNE,
    },
    "ChangeCommune": {"version": 3, "contact_phone": "0000 000 001", "submit_by": "2026-11-25"},
    "VillageOut": _VILLAGE,
    "Villages": {"items": [_VILLAGE], "next": None},
    "AddVillage": {"name": "Tổ 19", "valid_from": "2026-10-01"},
    "ChangeVillage": {"version": 1, "valid_to": "2026-10-31"},
    "CriteriaSets": {"items": [_SET], "next": None},
    "CriteriaSetOut": {
        **_SET,
        "audience": {"vi": "cho riêng mình", "en": "for yourself"},
        "minimum_age": 16,
        "groups": [
            {
                "id": "A",
                "name": {"vi": "Tự học", "en": "Self-learning"},
                "full_name": {"vi": "Năng lực tự học", "en": "Ability to learn by oneself"},
                "max": 40,
            }
        ],
        "questions": [_QUESTION],
    },
    "PublishCriteria": {"toml": 'title = "citizen"\nversion = "citizen-2026-1"\n', "draft": True},
    "Periods": {"items": [_PERIOD], "next": None},
    "PeriodOut": _PERIOD,
    "OpenPeriod": {"version": 0, "closes_on": "2027-01-15"},
    "ClosePeriod": {"version": 1, "province": "48"},
}
