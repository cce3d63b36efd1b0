"""What operators keep open, on the whole stack: the live tail and the pipeline's page."""

from __future__ import annotations

import secrets

import pytest
import requests
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.browser.test_journey import log_in
from tests.console.test_tail_browser import wait
from tests.whole_stack import Run

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.timeout(600)]


def test_a_request_to_the_shop_passes_by(run: Run, chromium: Chrome) -> None:
    """From the shop through worker and Redis into the page of somebody who watches, through the filter."""
    chromium.set_window_size(1280, 900)
    log_in(chromium, run, "Staff")
    path = f"/nowhere-{secrets.token_hex(4)}/"
    chromium.get(f'{run.console}/ops/tail/?category=http&q=url.path: "{path}"')
    wait(chromium, "#state", "Live")
    requests.get(f"{run.web}/healthz/", timeout=60)
    requests.get(f"{run.web}{path}", timeout=60)
    wait(chromium, "#rows", f"GET {path} 404")
    assert len(chromium.find_elements(By.CSS_SELECTOR, "#rows tr")) == 1


def test_the_pipeline_is_well(run: Run, chromium: Chrome) -> None:
    """Twelve stages of which none fails, doctor's findings, and accounts in which nothing is lost."""
    log_in(chromium, run, "Staff")
    chromium.get(f"{run.console}/ops/pipeline/")
    wait(chromium, ".findings", "categories have their data streams")
    states = [state.text for state in chromium.find_elements(By.CSS_SELECTOR, ".stage .state")]
    assert len(states) == 12
    assert not {"failing", "not known"} & set(states)
    wait(chromium, "#accounts .verdict", "Clean: every event is accounted for")
