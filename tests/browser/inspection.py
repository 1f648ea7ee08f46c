"""What every screen must be, whatever it says: accessible, in view, no wider than its window."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT

from tests.browser.person import DESKTOP, PHONE, Person, Size

Scheme = Literal["light", "dark"]
LOOKS: tuple[tuple[Size, Scheme], ...] = (
    (PHONE, "light"),
    (PHONE, "dark"),
    (DESKTOP, "dark"),
    (DESKTOP, "light"),
)
GRAVE = ("serious", "critical")
# What concerns looks is checked again in each look; the rest does not change with it.
WHOLE: dict[str, Any] = {"resultTypes": ["violations"]}
LOOK_ONLY: dict[str, Any] = {
    "resultTypes": ["violations"],
    "runOnly": {
        "type": "rule",
        "values": ["color-contrast", "link-in-text-block", "scrollable-region-focusable"],
    },
}
# Older messages were inspected when they were new.
_READ = """async options => (await axe.run(
    {exclude: [[".message:not(:nth-last-child(-n + 3))"]]}, options)).violations.map(
  found => [found.impact, found.id, found.nodes.slice(0, 3).map(node => node.html).join(" | ")])"""
_WIDE = """() => ["html", "#page", ".log", "main", ".viewer[open]", ".sheet[open]"]
  .map(name => [name, document.querySelector(name)])
  .filter(([, node]) => node && node.scrollWidth > node.clientWidth)
  .map(([name, node]) => `${name} scrolls sideways: ${node.scrollWidth} > ${node.clientWidth}`)"""
# A finger's width, 48 px: as WCAG 2.2 asks (24) and look.md.
_SMALL = """() => [...document.querySelectorAll("button, a, textarea")]
  .filter(node => node.checkVisibility() && !node.classList.contains("skip"))
  .filter(node => node.offsetHeight < 48 || node.offsetWidth < 48)
  .map(node => `too small to tap: ${node.offsetWidth} x ${node.offsetHeight} ${node.outerHTML}`)"""
_HIDDEN = """() => {
  const asked = document.querySelector(".present");
  if (!asked || document.querySelector("dialog[open]")) return [];
  const box = asked.getBoundingClientRect();
  const top = Math.max(0, document.querySelector(".top").getBoundingClientRect().bottom);
  const bottom = document.getElementById("composer").getBoundingClientRect().top;
  const last = document.getElementById("log").lastElementChild === asked;
  const seen = box.top < bottom - 60 && (box.bottom <= bottom + 1 || box.top >= top - 1);
  return seen && last ? [] : [`asked ${box.top}..${box.bottom} in ${top}..${bottom}, last ${last}`];
}"""


def inspect(
    person: Person, name: str, *, looks: Sequence[tuple[Size, Scheme]] = LOOKS
) -> list[str]:
    """Return what is wrong with the page now, a line each, in every look (size, colours).

    Leaves the page as it was: window size and colours included.
    """
    page, before = person.page, person.size
    found = [f"{name}: {line}" for line in page.evaluate(_HIDDEN)]
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    for number, (size, scheme) in enumerate(looks):
        person.resize(size)
        page.emulate_media(color_scheme=scheme)
        wrong = [*_find_axe(person, LOOK_ONLY if number else WHOLE)]
        if scheme == "light":
            wrong += [*page.evaluate(_WIDE), *page.evaluate(_SMALL)]
        found += [f"{name}, {size[0]} px, {scheme}: {line}" for line in wrong]
    page.emulate_media(color_scheme="light")
    person.resize(before)
    return found


def _find_axe(person: Person, options: dict[str, Any]) -> Iterable[str]:
    found = person.page.evaluate(_READ, options)
    return (f"axe {impact} {rule}: {html}" for impact, rule, html in found if impact in GRAVE)
