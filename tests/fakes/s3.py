"""A small S3: one bucket in memory, strict about what it is sent.

PUT, GET, HEAD, DELETE and ListObjectsV2 by path ("/bucket/key"). A request without a signature, or
whose body is not what its digest says, is refused as the real one does.
"""

import hashlib
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from tests.fakes.faulty import Asked, Reply

STAMP = "%a, %d %b %Y %H:%M:%S GMT"
UNSIGNED = "UNSIGNED-PAYLOAD"


@dataclass(frozen=True, slots=True)
class Thing:
    """An object of the bucket."""

    data: bytes
    at: datetime


@dataclass(slots=True)
class S3:
    """The bucket `name`; `things` by key."""

    name: str = "photos"
    page: int = 1000
    things: MutableMapping[str, Thing] = field(default_factory=dict)

    def __call__(self, asked: Asked) -> Reply:
        """Answer as S3 does."""
        parts = urlsplit(asked.target)
        bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
        if "authorization" not in asked.headers:
            return _error(403, "AccessDenied")
        if bucket != self.name:
            return _error(404, "NoSuchBucket")
        digest = asked.headers.get("x-amz-content-sha256", UNSIGNED)
        if digest not in (UNSIGNED, hashlib.sha256(asked.body).hexdigest()):
            return _error(400, "XAmzContentSHA256Mismatch")
        if not key:
            return self._list(parse_qs(parts.query, keep_blank_values=True))
        return self._object(asked.method, key, asked.body)

    def _object(self, method: str, key: str, body: bytes) -> Reply:
        if method == "PUT":
            self.things[key] = Thing(body, datetime.now(UTC))
            return Reply(200, b"", {"ETag": _etag(body)})
        if method == "DELETE":
            self.things.pop(key, None)
            return Reply(204, b"")
        thing = self.things.get(key)
        if thing is None:
            return _error(404, "NoSuchKey")
        headers = {"ETag": _etag(thing.data), "Last-Modified": thing.at.strftime(STAMP)}
        return Reply(200, thing.data, headers)

    def _list(self, query: dict[str, list[str]]) -> Reply:
        prefix = query.get("prefix", [""])[0]
        after = query.get("continuation-token", [""])[0]
        keys = sorted(k for k in self.things if k.startswith(prefix) and k > after)
        page, more = keys[: self.page], len(keys) > self.page
        rows = "".join(self._row(key) for key in page)
        token = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
        text = (
            '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult>'
            f"<Name>{self.name}</Name><Prefix>{escape(prefix)}</Prefix>"
            f"<KeyCount>{len(page)}</KeyCount><MaxKeys>{self.page}</MaxKeys>"
            f"<IsTruncated>{str(more).lower()}</IsTruncated>{token}{rows}</ListBucketResult>"
        )
        return Reply(200, text.encode(), {"Content-Type": "application/xml"})

    def _row(self, key: str) -> str:
        thing = self.things[key]
        return (
            f"<Contents><Key>{escape(key)}</Key><Size>{len(thing.data)}</Size>"
            f"<LastModified>{thing.at.isoformat().replace('+00:00', 'Z')}</LastModified>"
            f"<ETag>{escape(_etag(thing.data))}</ETag></Contents>"
        )


def _etag(data: bytes) -> str:
    return f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'


def _error(status: int, code: str) -> Reply:
    body = f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()
    return Reply(status, body, {"Content-Type": "application/xml"})
