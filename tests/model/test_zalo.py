"""The program and its second opinion agree on both surfaces of Zalo, however bad the lines."""

import pytest

from tests.model.running import CHANNELS, ENGINES, Asked, run

# Far more by `python -m tests.model --channel zalo_oa --sequences N`.
SEQUENCES, STEPS, SEED = 5, 3, 1


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("channel", CHANNELS[1:])
def test_the_program_and_the_reference_agree_on_zalo(channel: str, engine: str) -> None:
    told: list[str] = []
    figures = run(Asked(SEQUENCES, STEPS, SEED, engine, channel=channel), told.append)
    assert figures.divergences == [], "\n".join(told[-2:])
    assert figures.sequences >= SEQUENCES
    assert f"0 divergences on {engine}, {channel}" in figures.line
    assert figures.steps > SEQUENCES * STEPS
