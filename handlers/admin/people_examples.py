"""Examples of what `people_schemas` describes; a test validates every one of them."""

from typing import Any

_FILE = "5f0c1b7e9a3d4c2e8b6f10"
_TU = "pYw3Jm0sRkq0m0m7o5n1Zg"
_SECRET = "4f9d" * 16
_OFFICER: dict[str, Any] = {
    "id": _TU,
    "name": "Trần Văn Tư",
    "role": "village_reviewer",
    "place": "20242-012",
    "place_name": {"vi": "Tổ 12, phường Hải Châu", "en": "Tổ 12, Hải Châu ward"},
    "revoked": False,
    "invited_at": "2026-10-01T02:00:00Z",
    "may_revoke": True,
}
_TOKEN: dict[str, Any] = {
    "id": "9b1d7c04e2a85f63b7d210",
    "officer": _TU,
    "made_at": "2026-10-01T02:00:00Z",
    "expires_at": "2026-12-30T02:00:00Z",
    "current": False,
}
PEOPLE: dict[str, Any] = {
    "Bulk": {
        "action": "approve",
        "items": [{"id": _FILE, "version": 3}, {"id": "8a2e4d6c1b7f3a5e9c0d12", "version": 2}],
        "note": "Chúc mừng",
    },
    "BulkResults": {
        "items": [
            {"id": _FILE, "status": 200, "version": 4, "code": None, "detail": None},
            {
                "id": "8a2e4d6c1b7f3a5e9c0d12",
                "status": 409,
                "version": None,
                "code": "stale_version",
                "detail": "The file changed after you opened it. Open it again.",
            },
        ]
    },
    "Journal": {
        "items": [
            {
                "at": "2026-10-06T03:00:00Z",
                "action": "approve",
                "place": "20242",
                "declaration": _FILE,
                "officer": _TU,
                "officer_name": "Trần Văn Tư",
                "via": "api",
                "source": "submitted",
                "target": "approved",
                "details": {"version": 3, "items": []},
            }
        ],
        "next": None,
    },
    "Officers": {"items": [_OFFICER], "next": None},
    "OfficerOut": _OFFICER,
    "Invite": {"name": "Trần Văn Tư", "place": "20242-012", "role": "village_reviewer"},
    "Invitation": {
        "officer": _OFFICER,
        "link": f"https://khaihoc.example/officer/{_SECRET}",
        "code": _SECRET,
        "expires_at": "2026-10-01T02:15:00Z",
    },
    "Tokens": {"items": [_TOKEN], "next": None},
    "MakeToken": {"days": 90},
    "TokenMade": {**_TOKEN, "token": _SECRET},
}
