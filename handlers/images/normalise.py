"""From any photo to the two small JPEGs we keep, upright and without a word of metadata.

Runs in the child process of `child`: what it reads was sent by strangers.
"""

import io
import warnings
from dataclasses import dataclass
from typing import Final, Literal

from PIL import (
    Image,
    ImageFilter,
    ImageStat,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

from handlers.images.sniff import HEAD_BYTES, Photo, sniff, webp_size

Verdict = Literal["clear", "blurry", "dark", "small"]

# Importing a decoder registers it; otherwise the first WEBP would make Pillow load all its formats.
DECODERS: Final = (JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin)

FULL_SIDE: Final = 2048
THUMB_SIDE: Final = 320
SMALL_SIDE: Final = 400
"""Longest side in pixels under which the writing on a paper cannot be read."""

DARK_BELOW: Final = 50
"""Mean luminance (0-255). Measured: a page in daylight 150-230, a room 80, an unlit room 10-30."""

SHARP_FROM: Final = 28
"""Laplacian variance in the sharpest tenth of the picture, as `sharpness` measures it.

Measured on made pages of 1536 x 2048 after JPEG 85, Gaussian blur of r pixels, with and without
grain: r=0 2,400-2,700, r=2 300-340, r=3 69-72 (tiring but readable), r=4 23-27 (unreadable), r=6
9-17. A grey page (contrast 25 %): r=1 94-100, r=2 27-31, r=3 10-18. A page that fills a tenth of
a room's picture: r=0 229-246, r=2 74-81, r=3 29-35, r=4 10-23. A bare wall has nothing sharp and
reads as blurry: the verdict advises, it never refuses.
"""

_MEASURED_SIDE: Final = 1024
_TILES: Final = 8
# Without it a dark room's grain, which is sharp, passes for writing.
_GRAIN_RADIUS: Final = 0.8
_LAPLACIAN: Final = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)

_ORIENTATION_TAG: Final = 0x0112
_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class TooManyPixels(Exception):
    """The header announces more pixels than may be decoded."""


class NotAPhoto(Exception):
    """The bytes are something else; the argument is the reason of `sniff.Other`."""


@dataclass(frozen=True, slots=True)
class Normalised:
    """JPEG bytes of the kept photo and its thumbnail; `width` and `height` are those of `full`."""

    full: bytes
    thumb: bytes
    width: int
    height: int
    verdict: Verdict


def normalise(data: bytes, max_pixels: int) -> Normalised:
    """Return what is kept of the photo in `data`.

    Raises NotAPhoto, TooManyPixels before any pixel is unpacked, and for damaged files whatever
    the decoder raises: the caller takes every other exception as "broken".
    """
    with _opened(data, max_pixels) as image:
        small = max(image.size) < SMALL_SIDE
        turn = _UPRIGHT.get(_orientation(image))
        full = _flat(_shrunk(image))
    if turn is not None:
        full = full.transpose(turn)
    thumb = full.copy()
    thumb.thumbnail((THUMB_SIDE, THUMB_SIDE))
    verdict: Verdict = "small" if small else judge(full)
    return Normalised(_jpeg(full, 85), _jpeg(thumb, 78), full.width, full.height, verdict)


def judge(image: Image.Image) -> Verdict:
    """Say whether writing on `image` could be read: too dark, else too blurred, else clear."""
    grey = image.convert("L")
    grey.thumbnail((_MEASURED_SIDE, _MEASURED_SIDE), Image.Resampling.LANCZOS)
    if ImageStat.Stat(grey).mean[0] < DARK_BELOW:
        return "dark"
    return "clear" if sharpness(grey) >= SHARP_FROM else "blurry"


def sharpness(grey: Image.Image) -> float:
    """Return the Laplacian variance that a tenth of the tiles of `grey` (8 x 8 of them) reach.

    The best tiles count, not the whole: a sharp paper on a plain table is a sharp photo.
    """
    edges = grey.filter(ImageFilter.GaussianBlur(_GRAIN_RADIUS)).filter(_LAPLACIAN)
    # Pillow leaves the outermost pixels of a 3 x 3 kernel unfiltered.
    edges = edges.crop((1, 1, edges.width - 1, edges.height - 1)) if min(edges.size) > 2 else edges
    across, down = min(_TILES, edges.width), min(_TILES, edges.height)
    variances = sorted(
        ImageStat.Stat(edges.crop(_tile(edges.size, x, across, y, down))).var[0]
        for x in range(across)
        for y in range(down)
    )
    return float(variances[-max(1, len(variances) // 10)])


def _tile(
    size: tuple[int, int], x: int, across: int, y: int, down: int
) -> tuple[int, int, int, int]:
    left, right = size[0] * x // across, size[0] * (x + 1) // across
    return left, size[1] * y // down, right, size[1] * (y + 1) // down


def _opened(data: bytes, max_pixels: int) -> Image.Image:
    kind = sniff(data[:HEAD_BYTES])
    if kind not in ("JPEG", "PNG", "WEBP"):
        raise NotAPhoto(kind)
    if kind == "WEBP":
        _bound(webp_size(data[:HEAD_BYTES]), max_pixels)
    image = _header(data, kind, max_pixels)
    _bound(image.size, max_pixels)
    return image


def _header(data: bytes, kind: Photo, max_pixels: int) -> Image.Image:
    # Pillow refuses above twice its bound and only warns between once and twice.
    Image.MAX_IMAGE_PIXELS = max_pixels
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            return Image.open(io.BytesIO(data), formats=(kind,))
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise TooManyPixels from error


def _bound(size: tuple[int, int], max_pixels: int) -> None:
    if size[0] * size[1] > max_pixels:
        raise TooManyPixels


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation 1-8; 1 where there is none or the EXIF itself is damaged."""
    try:
        return int(image.getexif().get(_ORIENTATION_TAG, 1))
    except Exception:
        # The EXIF reader fails in a dozen ways on junk; a good picture is not refused for that.
        return 1


def _shrunk(image: Image.Image) -> Image.Image:
    """Return the first frame, longest side at most FULL_SIDE, in a mode that can be resized."""
    share = min(1.0, FULL_SIDE / max(image.size))
    size = (max(1, round(image.width * share)), max(1, round(image.height * share)))
    # JPEG can unpack at a half, a quarter or an eighth: less memory, and twice as fast.
    image.draft(None, size)
    image.load()
    plain = _resizable(image)
    if plain.size == size:
        return plain
    return plain.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _resizable(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits a pixel, which convert() would clip to white
        return image.point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in ("RGBA", "L", "RGB") and "transparency" not in image.info:
        return image  # convert() would copy it: 240 MB at the bound
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _flat(image: Image.Image) -> Image.Image:
    """Return `image` on white paper, as a new picture that carries none of its metadata.

    Colour profiles are dropped unread: their parser is one more door, and the shift is slight.
    """
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A") if image.mode == "RGBA" else None)
    return paper


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()
