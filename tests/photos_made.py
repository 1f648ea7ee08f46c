"""Test pictures, all made by code: what people send, and what only attackers or bad lines send."""

import functools
import io
import random
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

from PIL import Image, ImageDraw, ImageFilter, ImageFont

RED = (220, 20, 20)
GPS_LATITUDE, GPS_LONGITUDE = (16.0, 4.0, 27.0), (108.0, 13.0, 12.0)
# Found in no picture by chance: whoever greps a kept photo for it finds leaked metadata.
SECRET = b"16-04-27-N-108-13-12-E"


@functools.cache
def page(width: int = 1500, height: int = 2000) -> Image.Image:
    """A sharp white certificate: a frame, a title, forty lines of text a hand high."""
    image = Image.new("RGB", (width, height), (246, 243, 236))
    draw = ImageDraw.Draw(image)
    edge = width // 30
    draw.rectangle((edge, edge, width - edge, height - edge), outline=(140, 30, 30), width=6)
    title = ImageFont.load_default(width // 18)
    draw.text((width // 2, height // 10), "GIAY CHUNG NHAN", RED, title, "mm")
    body = ImageFont.load_default(max(width // 50, 8))
    for line in range(40):
        at = (width // 8, height // 6 + line * height // 55)
        draw.text(at, f"{line + 1}. Da hoc xong lop dich vu cong, dot {line}", (30, 30, 30), body)
    return image


def blurred(image: Image.Image, radius: float) -> Image.Image:
    """The same picture out of focus: Gaussian, `radius` in pixels."""
    return image.filter(ImageFilter.GaussianBlur(radius))


def scene(width: int = 1600, height: int = 1200) -> Image.Image:
    """A room without any text: a smooth wall, a darker floor, tables, a shelf full of books."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, height * 2 // 3, width, height), fill=(120, 90, 60))
    for n in range(5):
        left = width * n // 5 + 20
        draw.rectangle(
            (left, height // 2, left + width // 8, height * 3 // 4), (60, 40 + n * 20, 30)
        )
    for n in range(60):
        left, top = width // 2 + n % 20 * width // 60, height // 8 + n // 20 * height // 8
        shade = (60 + n * 37 % 150, 50 + n * 53 % 120, 40 + n * 71 % 140)
        draw.rectangle((left, top, left + width // 75, top + height // 10), shade)
    return image


def grainy(image: Image.Image, strength: float) -> Image.Image:
    """The same picture with a phone sensor's grain, the same at every run."""
    seed = random.Random(7)
    grain = Image.frombytes("L", image.size, seed.randbytes(image.width * image.height))
    return Image.blend(image, grain.convert("RGB"), strength)


def dark(image: Image.Image) -> Image.Image:
    """The same picture as taken in an unlit room."""
    return image.point(lambda value: value * 0.12)


def cornered(width: int = 900, height: int = 600) -> Image.Image:
    """Grey with a red upper left corner, to see which way up a picture came out."""
    image = Image.new("RGB", (width, height), (200, 200, 200))
    ImageDraw.Draw(image).rectangle((0, 0, width // 4, height // 4), fill=RED)
    return image


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    """Return `image` as a file of `kind` ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "TIFF", "MPO")."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def located(orientation: int) -> Image.Exif:
    """EXIF as phones write it: orientation, maker, owner's note and the place (Da Nang)."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = SECRET.decode()
    exif[0x8298] = SECRET.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: GPS_LATITUDE, 3: "E", 4: GPS_LONGITUDE})
    return exif


def rotated(orientation: int, kind: str = "JPEG") -> bytes:
    """A file whose pixels lie as the camera was held and whose EXIF says how to turn them.

    Shown as EXIF asks, it is `cornered()`: 900 wide, red upper left corner.
    """
    turn = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    image = cornered() if orientation == 1 else cornered().transpose(turn[orientation])
    return saved(image, kind, exif=located(orientation))


def annotated() -> bytes:
    """A JPEG with every place where text hides: EXIF with GPS, XMP, a comment, a colour profile."""
    return saved(
        cornered(),
        "JPEG",
        exif=located(1),
        comment=SECRET,
        xmp=b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>",
        icc_profile=b"\0" * 128 + SECRET,
    )


def transparent() -> Image.Image:
    """Red square on nothing: shown on white it has white around it."""
    image = Image.new("RGBA", (600, 600), (0, 0, 0, 0))
    ImageDraw.Draw(image).rectangle((200, 200, 400, 400), fill=(*RED, 255))
    return image


def deep_grey() -> Image.Image:
    """16 bits a pixel: middle grey, which reads as white where the depth is mistaken."""
    return Image.frombytes("I;16", (500, 500), struct.pack("<H", 0x8000) * 250_000)


def moving(kind: str) -> bytes:
    """An animation whose first frame is red and whose second is blue."""
    first = Image.new("RGB", (500, 500), RED)
    second = Image.new("RGB", (500, 500), (0, 0, 255))
    return saved(first, kind, save_all=True, append_images=[second])


@functools.cache
def png_of_size(width: int, height: int) -> bytes:
    """A whole black PNG of `width` x `height`, one bit a pixel, made without holding its pixels."""
    row = b"\0" * (1 + (width + 7) // 8)
    squeeze = zlib.compressobj(9)
    data = b"".join(squeeze.compress(row) for _ in range(height)) + squeeze.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return _png((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))


@functools.cache
def png_text_bomb() -> bytes:
    """A small picture with a compressed text chunk that unpacks to 200 MB."""
    squeeze = zlib.compressobj(9)
    data = b"".join(squeeze.compress(b"a" * 1_000_000) for _ in range(200)) + squeeze.flush()
    small = saved(cornered(), "PNG")
    return small[:33] + _chunk(b"zTXt", b"note\0\0" + data) + small[33:]


def webp_of_size(width: int, height: int) -> bytes:
    """The header of a WEBP canvas of `width` x `height` around a small frame."""
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    extended = b"VP8X" + struct.pack("<II", 10, 0) + canvas
    body = b"WEBP" + extended + saved(cornered(), "WEBP")[12:]
    return b"RIFF" + struct.pack("<I", len(body)) + body


def zipped(name: str = "anh.jpg") -> bytes:
    """A zip archive that holds a picture."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, saved(cornered(), "JPEG"))
    return out.getvalue()


def boxed(brand: bytes) -> bytes:
    """The start of an ISO media file of `brand` (heic, avif, isom, qt ...), without content."""
    return struct.pack(">I", 24) + b"ftyp" + brand + b"\0\0\0\0" + brand + b"mif1" + b"\0" * 500


@functools.cache
def refused() -> Mapping[str, tuple[str, bytes]]:
    """File name -> (the reason it must be refused for, its bytes)."""
    jpeg, png = saved(page(), "JPEG"), saved(cornered(), "PNG")
    html = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"
    return {
        "nothing.jpg": ("empty", b""),
        "one-byte.jpg": ("not_photo", b"\xff"),
        "two-bytes.jpg": ("not_photo", b"\xff\xd8"),
        "heavy.jpg": ("too_big", jpeg + b"\0" * (20 * 1024 * 1024 + 1 - len(jpeg))),
        "zip.jpg": ("not_photo", zipped()),
        "page.html": ("not_photo", html),
        "page.jpg": ("not_photo", b"\n  " + html),
        "drawing.svg": ("not_photo", b'<?xml version="1.0"?><svg onload="alert(1)"/>'),
        "moving.gif": ("not_photo", moving("GIF")),
        "scan.tiff": ("not_photo", saved(cornered(), "TIFF")),
        "old.bmp": ("not_photo", saved(cornered(), "BMP")),
        "script.eps": ("not_photo", b"%!PS-Adobe-3.0 EPSF-3.0\n(r) file"),
        "layers.psd": ("not_photo", b"8BPS\0\1" + b"\0" * 100),
        "stars.fits": ("not_photo", b"SIMPLE  =                    T" + b" " * 200),
        "words.txt": ("not_photo", "Tôi đã học xong lớp này.".encode()),
        "noise.jpg": ("not_photo", random.Random(3).randbytes(50_000)),
        "paper.pdf": ("pdf", b"%PDF-1.7\n1 0 obj <<>> endobj"),
        "late.pdf": ("pdf", b"\r\n\0junk" * 20 + b"%PDF-1.4\n"),
        "iphone.heic": ("heic", boxed(b"heic")),
        "iphone-burst.heic": ("heic", boxed(b"hevc")),
        "android.avif": ("heic", saved(cornered(), "AVIF")),
        "clip.mp4": ("video", boxed(b"isom")),
        "clip.mov": ("video", boxed(b"qt  ")),
        "clip.webm": ("video", b"\x1aE\xdf\xa3" + b"\0" * 100),
        "clip.avi": ("video", b"RIFF\x10\0\0\0AVI LIST"),
        "sky.png": ("too_many_pixels", png_of_size(30_000, 30_000)),
        "wide.png": ("too_many_pixels", png_of_size(65_535, 1_000)),
        "between.png": ("too_many_pixels", png_of_size(10_000, 8_000)),
        "sky.webp": ("too_many_pixels", webp_of_size(16_000, 16_000)),
        "text-bomb.png": ("broken", png_text_bomb()),
        "flipped-bit.png": ("broken", png[:40] + bytes([png[40] ^ 255]) + png[41:]),
        "no-pixels.jpg": ("broken", jpeg[:300]),
        "only-magic.jpg": ("broken", b"\xff\xd8\xff\xe0" + b"\0" * 1000),
        "only-magic.png": ("broken", b"\x89PNG\r\n\x1a\n"),
        "only-magic.webp": ("broken", b"RIFF\x10\0\0\0WEBPVP8 "),
        "no-size.png": ("broken", png_of_size(0, 0)),
    }


@functools.cache
def accepted() -> Mapping[str, bytes]:
    """File name -> bytes of a picture that must be taken, however strange."""
    jpeg = saved(page(), "JPEG")
    return {
        "page.jpg": jpeg,
        "page.png": saved(page(), "PNG"),
        "page.webp": saved(page(), "WEBP"),
        "progressive.jpg": saved(page(), "JPEG", progressive=True),
        "print.jpg": saved(page().convert("CMYK"), "JPEG"),
        "grey.jpg": saved(page().convert("L"), "JPEG"),
        "deep.png": saved(deep_grey(), "PNG"),
        "palette.png": saved(page().quantize(64), "PNG"),
        "black-white.png": saved(page().convert("1"), "PNG"),
        "see-through.png": saved(transparent(), "PNG"),
        "see-through.webp": saved(transparent(), "WEBP", lossless=True),
        "see-through-grey.png": saved(transparent().convert("LA"), "PNG"),
        "see-through-palette.png": saved(transparent().quantize(8), "PNG"),
        "moving.png": moving("PNG"),
        "moving.webp": moving("WEBP"),
        "two-views.jpg": saved(page(), "MPO", save_all=True, append_images=[scene()]),
        "noted.jpg": annotated(),
        "zip-behind.jpg": jpeg + zipped(),
        "html-behind.png": saved(page(), "PNG") + b"<script>alert(1)</script>",
        "bad-exif.jpg": saved(cornered(), "JPEG", exif=b"Exif\0\0MM\0*" + b"\xff" * 64),
        "dot.png": saved(Image.new("RGB", (1, 1)), "PNG"),
        "thread.png": saved(Image.new("L", (20_000, 1)), "PNG"),
        "largest.png": png_of_size(7_700, 7_700),
    }


def _png(*chunks: tuple[bytes, bytes]) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
