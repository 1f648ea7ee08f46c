"""Photos that carry a number in black and white cells, so that no photo can pass for another."""

import io
from functools import cache

from PIL import Image, ImageDraw

from tests.photos_made import blurred, page, saved

WIDTH, HEIGHT, CELLS = 600, 800, 20
CELL, TOP, DEEP = WIDTH // CELLS, 20, 60


def photo(number: int, *, sharp: bool = True) -> bytes:
    """Return a JPEG of a certificate with `number` (below 2 ** 20) on it; blurry if not `sharp`."""
    image = _page(sharp).copy()
    draw = ImageDraw.Draw(image)
    for cell in range(CELLS):
        ink = (0, 0, 0) if number >> cell & 1 else (255, 255, 255)
        left = cell * CELL
        draw.rectangle((left, TOP, left + CELL - 1, TOP + DEEP), fill=ink)
    return saved(image, "JPEG", quality=80)


def read_number(data: bytes) -> int:
    """Return the number on a kept photo."""
    image = Image.open(io.BytesIO(data)).convert("L")
    middle = TOP + DEEP // 2
    dark = (_grey(image, cell * CELL + CELL // 2, middle) < 128 for cell in range(CELLS))
    return sum(1 << cell for cell, black in enumerate(dark) if black)


def _grey(image: Image.Image, x: int, y: int) -> int:
    value = image.getpixel((x * image.width // WIDTH, y * image.height // HEIGHT))
    assert isinstance(value, int)
    return value


@cache
def _page(sharp: bool) -> Image.Image:
    image = page(WIDTH, HEIGHT)
    return image if sharp else blurred(image, 6)
