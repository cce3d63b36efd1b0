"""The tiny project under its servers, one each for the tests of a module."""

from __future__ import annotations

import pytest

from tests.collector import Collector


@pytest.fixture(scope="module")
def collector():
    """Where the events of this module's servers go."""
    with Collector() as collector:
        yield collector
