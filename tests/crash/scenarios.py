"""What people do in the harness: each step is given to a program that was started for it.

A step is written as it is told: "an press start" (a page, what it does, with what); several
together with " | "; "wait 61" lets that many seconds pass. A scenario may go on where another one
ended; what it has in common with it is then killed only once.
"""

from dataclasses import dataclass

VILLAGE = "20242-012"
# People think about an answer; a second text within three seconds would amend the first.
THINKING_SECONDS = 4


@dataclass(frozen=True, slots=True)
class Step:
    """Acts that begin together, each (page, verb, words ...), `at` seconds after the beginning."""

    acts: tuple[tuple[str, ...], ...]
    at: int


@dataclass(frozen=True, slots=True)
class Scenario:
    """`written` steps, after those of the scenario `after`.

    `store` is where its photos are; a `bare` one begins without places and officers. `together`:
    what is said is kept and answered in one transaction, as a running turn loop does; else it is
    kept first, as where another process takes the turns.
    """

    name: str
    written: tuple[str, ...]
    after: str = ""
    store: str = "folder"
    bare: bool = False
    together: bool = False

    def steps(self, begun_at: int = 0) -> list[Step]:
        """Return the steps, the first `begun_at` seconds after everything began."""
        at, steps = begun_at, []
        for line in self.written:
            wait = line.startswith("wait ")
            at += int(line.split()[1]) if wait else THINKING_SECONDS
            acts = () if wait else tuple(_act(one) for one in line.split(" | "))
            steps.append(Step(acts, at))
        return steps


def _act(written: str) -> tuple[str, ...]:
    page, verb, *rest = written.split(" ", 2)
    words = rest[0] if rest else ""
    if verb in ("send", "api"):
        return page, verb, *words.split()
    return (page, verb, words) if words else (page, verb)


def _signed(page: str, name: str) -> tuple[str, ...]:
    """Return the way from the QR code to the first question."""
    begin = (f"open {VILLAGE}", "press start", "press 1", "press agree", f"say {name} 1965")
    return tuple(f"{page} {one}" for one in begin)


def _answered(page: str) -> tuple[str, ...]:
    return tuple(f"{page} press {n}" for n in (3, 3, 4, 3, 3, 3, 3, 3, 3, 3))


def _together(*lines: tuple[str, ...]) -> tuple[str, ...]:
    """Let several people do their steps at the same moments."""
    return tuple(" | ".join(acts) for acts in zip(*lines, strict=True))


ANSWERED = _signed("an", "Nguyễn Thị Hòa") + _answered("an")
CLEAN = (*ANSWERED, "an press none", "an press submit", "an say nộp", "an press yes")
CROWD = ("ba", "be", "bi", "bo")
DESK = ("officer enter", "officer say mở {an}")
SCENARIOS = (
    Scenario("clean", CLEAN, together=True),
    Scenario(
        "album",
        (
            *ANSWERED,
            "an send clear1 blurry1",
            "an press again",
            "an send clear2",
            "an press edit",
            "an press B2",
            "an press 4",
            "an press submit",
            "an say nộp",
        ),
    ),
    Scenario(
        "review",
        (
            *DESK,
            "officer say bổ sung {an}",
            "officer say 2",
            "officer press blurry_photo",
            "wait 61",
            "an say kết quả",
            "an send clear1",
            "officer say mở {an}",
            "officer say chấm {an} câu 2 8 có giấy chứng nhận",
            "officer say duyệt {an}",
            "wait 61",
            "an say kết quả",
            "an say vì sao",
        ),
        after="clean",
        together=True,
    ),
    Scenario(
        "undone",
        (*DESK, "officer say duyệt {an}", "officer say lấy lại", "officer say mở {an}", "wait 61"),
        after="clean",
    ),
    Scenario(
        "rejected",
        (
            *DESK,
            "officer say chưa đạt {an} Còn thiếu",
            "wait 61",
            "an say kết quả",
            "an send clear1",
            "wait 10",
        ),
        after="clean",
    ),
    Scenario(
        "withdrawn",
        (
            "an say rút lại",
            "an say rút lại",
            "an say sửa câu 2",
            "an press 4",
            "an press submit",
            "an say nộp",
        ),
        after="clean",
    ),
    Scenario("erased", ("an say xóa", "an say xóa hết", "wait 20"), after="album", together=True),
    Scenario("refused", (*_signed("an", "x")[:3], "an press refuse", "wait 20")),
    Scenario("idle", ("an send clear1", f"wait {100 * 86400}", "wait 86400"), after="half"),
    Scenario("half", ANSWERED[:8]),
    Scenario(
        "crowd",
        _together(*(_signed(page, f"Trần Văn {page.title()}") for page in CROWD))
        + _together(*(_answered(page) for page in CROWD))
        + _together(
            *(
                (f"{p} send {n}", f"{p} press submit")
                for p, n in zip(CROWD, ("clear1", "clear2", "clear1", "clear3"), strict=True)
            )
        )
        + _together(*((f"{page} say nộp",) for page in CROWD)),
    ),
    Scenario(
        "program",
        (
            "program api return {ba}",
            "program api undo {ba}",
            "program api reject {be}",
            "program api bulk {ba} {bi} {bo}",
            "wait 61",
            _together(*((f"{page} say kết quả",) for page in CROWD))[0],
        ),
        after="crowd",
    ),
    Scenario(
        "bucket",
        ("an send clear1 clear2", "an say xóa", "an say xóa hết", "wait 20"),
        after="wanted",
        store="bucket",
        together=True,
    ),
    Scenario("wanted", ANSWERED, store="bucket"),
    Scenario("seed", ("nobody seed",), bare=True),
)
