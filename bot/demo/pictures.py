"""Certificates of the demo, drawn by code: nobody's paper, and "ẢNH MẪU" written across.

Pillow's own font knows Latin-1 and no more of Vietnamese, so the marks of other letters are drawn.
"""

import io
import unicodedata
from collections.abc import Callable, Mapping

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from bot.demo.people import Look

SIZE = (900, 1200)
PAPER, INK, FRAME, STAMP = (250, 247, 238), (25, 35, 30), (11, 107, 79), (180, 83, 9)
# Out of focus as a shaking hand leaves it, at this size.
BLUR = 9
Draw = ImageDraw.ImageDraw
Box = tuple[float, float, float, float]


def draw_certificate(number: int, look: Look) -> bytes:
    """Return the JPEG of sample certificate `number`, sharp or out of focus."""
    picture = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((36, 36, SIZE[0] - 36, SIZE[1] - 36), outline=FRAME, width=6)
    draw.rectangle((50, 50, SIZE[0] - 50, SIZE[1] - 50), outline=FRAME, width=2)
    _write(draw, 170, 46, FRAME, "GIẤY CHỨNG NHẬN")
    _write(draw, 260, 28, INK, f"Số {number:03}/BM")
    for line in range(14):
        _write(draw, 380 + 46 * line, 26, INK, LINES[line % len(LINES)])
    _write(draw, 1090, 60, STAMP, "ẢNH MẪU")
    if look == "blurry":
        picture = picture.filter(ImageFilter.GaussianBlur(BLUR))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


LINES = (
    "Đã học xong lớp dịch vụ công trên điện thoại",
    "tại nhà văn hóa của tổ, trong hai buổi tối",
    "do người cùng tổ hướng dẫn, miễn phí",
)


def _write(draw: Draw, top: float, size: int, ink: tuple[int, int, int], text: str) -> None:
    """Write one centred line, `top` being the height of its small letters' middle."""
    font = ImageFont.load_default(size)
    letters = [_apart(letter) for letter in text]
    left = (SIZE[0] - sum(font.getlength(base) for base, _ in letters)) / 2
    for base, marks in letters:
        width = font.getlength(base)
        draw.text((left, top), base, ink, font, "lm")
        box = font.getbbox(base, anchor="lm")
        above, below = top + box[1] - size * 0.06, top + box[3] + size * 0.1
        for mark in marks:
            middle = left + width / 2
            if mark in UNDER:
                UNDER[mark](draw, (middle, below, size / 14, 0), ink)
            elif mark in OVER:
                above -= size * 0.12
                OVER[mark](draw, (middle, above, size * 0.14, size * 0.08), ink)
                above -= size * 0.08
            else:
                BESIDE[mark](draw, (left, top, width, size), ink)
        left += width


def _apart(letter: str) -> tuple[str, tuple[str, ...]]:
    """Return a letter's base and its marks, the nearest to the letter first."""
    if letter in "Đđ":
        return ("D", ("bar",)) if letter == "Đ" else ("d", ("small bar",))
    if ord(letter) < 256:
        return letter, ()
    whole = unicodedata.normalize("NFD", letter)
    names = (unicodedata.name(mark).removeprefix("COMBINING ") for mark in whole[1:])
    return whole[0], tuple(names)


Mark = Callable[[Draw, Box, tuple[int, int, int]], None]


def _line(*points: tuple[float, float]) -> Mark:
    """Return a mark of straight strokes; points are in halves of its width and height."""

    def mark(draw: Draw, box: Box, ink: tuple[int, int, int]) -> None:
        x, y, wide, high = box
        strokes = [(x + a * wide, y + b * high) for a, b in points]
        draw.line(strokes, ink, max(2, round(wide / 3)), "curve")

    return mark


def _dot(draw: Draw, box: Box, ink: tuple[int, int, int]) -> None:
    x, y, radius, _ = box
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), ink)


def _horn(draw: Draw, box: Box, ink: tuple[int, int, int]) -> None:
    left, top, width, size = box
    x, y = left + width * 0.9, top - size * 0.22
    draw.line(
        [(x, y + size * 0.06), (x + size * 0.1, y - size * 0.08)], ink, max(2, round(size / 16))
    )


def _bar(draw: Draw, box: Box, ink: tuple[int, int, int]) -> None:
    left, top, width, size = box
    draw.line([(left, top), (left + width * 0.5, top)], ink, max(2, round(size / 16)))


def _small_bar(draw: Draw, box: Box, ink: tuple[int, int, int]) -> None:
    left, top, width, size = box
    y = top - size * 0.24
    draw.line([(left + width * 0.4, y), (left + width * 1.1, y)], ink, max(2, round(size / 16)))


OVER: Mapping[str, Mark] = {
    "GRAVE ACCENT": _line((-0.6, -1), (0.6, 1)),
    "ACUTE ACCENT": _line((0.6, -1), (-0.6, 1)),
    "TILDE": _line((-1, 0.7), (-0.5, -0.7), (0.5, 0.7), (1, -0.7)),
    "HOOK ABOVE": _line((-0.5, -1), (0.4, -1), (0.5, -0.2), (0, 0.2), (0, 1)),
    "CIRCUMFLEX ACCENT": _line((-1, 1), (0, -1), (1, 1)),
    "BREVE": _line((-1, -1), (-0.5, 0.7), (0.5, 0.7), (1, -1)),
}
UNDER: Mapping[str, Mark] = {"DOT BELOW": _dot}
BESIDE: Mapping[str, Mark] = {"HORN": _horn, "bar": _bar, "small bar": _small_bar}
