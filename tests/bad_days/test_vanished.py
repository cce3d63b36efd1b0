"""A bad day that takes more than a minute: a log worker is gone, and nobody tells Celery."""

from __future__ import annotations

import pytest

from tests.bad_days.day import Day
from tests.bad_days.pipeline import until
from tests.bad_days.vanished import Vanished

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

TIMEOUT_S = 60  # `broker.VISIBILITY_TIMEOUT_S`
PROMISED_S = 90


def test_a_log_worker_vanished(vanished: Vanished, day_of_the_vanished: Day):
    """What a worker had in its hands is delivered to the next one within 90 s, and streamed once."""
    until(lambda: vanished.back_at)
    slow_start_s = max(0.0, vanished.ready_at - vanished.killed_at - TIMEOUT_S)  # of this machine, not of the pipeline
    assert TIMEOUT_S - 5 < vanished.back_at - vanished.killed_at < PROMISED_S + slow_start_s
    vanished.pipeline.start()
    day_of_the_vanished.quiet()
    verdict = day_of_the_vanished.account()
    assert verdict.stored == verdict.said == 500
