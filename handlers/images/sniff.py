"""What a file really is, told from its first bytes; names and declared types are never asked."""

from typing import Literal

Photo = Literal["JPEG", "PNG", "WEBP"]
Other = Literal["empty", "not_photo", "video", "pdf", "heic"]

HEAD_BYTES = 4096
"""How much of a file's beginning `sniff` wants to see."""

_PHOTOS: tuple[tuple[bytes, Photo], ...] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
)
# ISO base media files (ISO/IEC 14496-12) share one shape; the brand tells a picture from a film.
_STILL_BRANDS = frozenset(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis")
)
_VIDEO_MAGIC = (b"\x1aE\xdf\xa3", b"FLV\x01", b"\0\0\x01\xba", b"\0\0\x01\xb3", b"OggS")
# Readers accept a PDF whose header stands anywhere in its first kilobyte, so do we when naming it.
_PDF_WITHIN = 1024


def sniff(head: bytes) -> Photo | Other:
    """Return the kind of photo `head` begins, or why it is none of those we take."""
    if not head:
        return "empty"
    for magic, kind in _PHOTOS:
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF":
        return _sniff_riff(head[8:12])
    if head[4:8] == b"ftyp":
        return "heic" if head[8:12] in _STILL_BRANDS else "video"
    if head.startswith(_VIDEO_MAGIC):
        return "video"
    return "pdf" if b"%PDF-" in head[:_PDF_WITHIN] else "not_photo"


def _sniff_riff(form: bytes) -> Photo | Other:
    if form == b"WEBP":
        return "WEBP"
    return "video" if form == b"AVI " else "not_photo"


def webp_size(head: bytes) -> tuple[int, int]:
    """Return the canvas a WEBP header (RFC 9649) announces, in pixels; (0, 0) when none.

    Read by hand because the decoder reserves the whole canvas before it can be asked.
    """
    chunk, body = head[12:16], head[20:30]
    if len(body) < 10:
        return 0, 0
    if chunk == b"VP8X":
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if chunk == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8 ":
        width, height = int.from_bytes(body[6:8], "little"), int.from_bytes(body[8:10], "little")
        return width & 0x3FFF, height & 0x3FFF
    return 0, 0
