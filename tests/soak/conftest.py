"""The soak prints what it found at the end."""

from __future__ import annotations

from typing import Any

import pytest

LINES = pytest.StashKey[list[str]]()


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Any:
    """Prints lines at the end of the session."""
    return request.config.stash.setdefault(LINES, []).extend


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print what the soak found."""
    lines = config.stash.get(LINES, [])
    if lines:
        terminalreporter.section("Soak")
        for line in lines:
            terminalreporter.write_line(line)
