"""The switch that writes the transcripts anew (`make golden`)."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --update-golden."""
    parser.addoption(
        "--update-golden", action="store_true", help="write the golden transcripts anew"
    )


@pytest.fixture
def update_golden(pytestconfig: pytest.Config) -> bool:
    """Whether transcripts are to be written instead of compared."""
    # Without tests/golden on the command line this file is read too late for its option.
    return bool(pytestconfig.getoption("update_golden", default=False))
