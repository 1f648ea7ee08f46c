"""What people do on Zalo in the harness; see `tests.crash.scenarios` for how it is written."""

from collections.abc import Mapping

from tests.crash.scenarios import VILLAGE, Scenario

SIGNED = (
    f"an say bắt đầu {VILLAGE}",
    *("an press 1", "an press 1", "an press 1"),
    "an say Nguyễn Thị Hòa 1965",
)
ANSWERED = (*SIGNED, *(f"an press {n}" for n in (3, 3, 4, 3, 3, 3, 3, 3, 3, 3)))
# 21 hours: an access token is renewed after 20 of its 25.
LATER = f"wait {21 * 3600}"
# By the surface, and how many first steps are killed in another scenario.
ON: Mapping[str, tuple[str, int]] = {
    "answers": ("zalo_bot", 0),
    "pieces": ("zalo_bot", len(SIGNED)),
    "away": ("zalo_bot", len(SIGNED)),
    "decided": ("zalo_oa", len(ANSWERED)),
}
SCENARIOS = (
    Scenario("answers", (*SIGNED, "an press 3", "an say sửa câu 1", "an press 4"), together=True),
    Scenario(
        "pieces",
        (
            *SIGNED,
            "an press 3",
            "an send clear1 clear2 blurry1",
            "wait 3",
            "an press 1",
            "an send clear3",
            "wait 3",
        ),
    ),
    Scenario("away", (*SIGNED, "an away 3|tiếp", "an press 3"), together=True),
    Scenario(
        "decided",
        (
            *ANSWERED,
            "an send clear1",
            "wait 3",
            "an press 1",
            "an say nộp",
            "officer say tham gia {word}",
            "officer say mở {an}",
            LATER,
            "officer say duyệt {an}",
            "wait 120",
            "an say kết quả",
            "an forget",
            "an say vì sao",
            "wait 120",
        ),
        together=True,
    ),
)
