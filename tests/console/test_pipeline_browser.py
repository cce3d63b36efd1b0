"""The pipeline's page in a real browser."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.console.conftest import Person, Plant, set_up
from tests.console.events import document
from tests.console.tailing import PATIENCE_S
from tests.console.test_browser import CONTRASTS
from tests.console.test_tail_browser import wait

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.django_db(transaction=True, databases="__all__")]

Open = Callable[[str], None]


@pytest.fixture
def streams(elasticsearch_server: Any) -> str:
    """Of this file's own: what other tests stored would be counted, too."""
    return set_up(elasticsearch_server, __name__)


@pytest.fixture
def logs(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def open_page(
    console: dict[str, Any],
    redis_url: str,
    tmp_path: Path,
    settings: Any,
    person: Person,
    live_server: Any,
    chromium: Chrome,
) -> Iterator[Open]:
    """Opens an address as somebody who sees everything; at the end the browser has had no complaint."""
    settings.LOGGING_PIPELINE = {**console, "redis_url": redis_url, "state_dir": tmp_path, "hash_key": "k" * 32}
    chromium.execute_cdp_cmd("Network.clearBrowserCookies", {})
    name = django_settings.SESSION_COOKIE_NAME
    session = person(superuser=True).cookies[name].value
    chromium.execute_cdp_cmd("Network.setCookie", {"name": name, "value": session, "url": live_server.url})
    chromium.set_window_size(1280, 900)
    chromium.get_log("browser")
    yield lambda path: chromium.get(f"{live_server.url}{path}")
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    complaints = [entry["message"] for entry in chromium.get_log("browser")]
    chromium.get("about:blank")
    assert complaints == []


def stage(browser: Chrome, name: str) -> str:
    """What the box of the stage *name* says."""
    return browser.find_element(By.CSS_SELECTOR, f".stage[data-stage={name}]").text.replace("\n", " ")


def test_planted_trouble_shows_and_the_page_follows(open_page: Open, chromium: Chrome, logs: redis.Redis, plant: Plant):
    """Dead letters, a backlog without a consumer, each at its stage; what changes is there without a click."""
    logs.rpush("logs:http", *[b"{}"] * 77)
    reason = f"reason_{secrets.token_hex(3)}"
    plant(document("dead_letter", "", datetime.now(UTC), f"was refused {reason}", dead_letter={"reason": reason}))
    open_page("/ops/pipeline/")
    wait(chromium, ".findings", "no consumer takes events; 77 wait in Redis")
    assert len(chromium.find_elements(By.CSS_SELECTOR, ".stage")) == 12
    assert "77 events wait in lists" in stage(chromium, "take")
    assert "failing" in stage(chromium, "take")
    assert "refused in the last 5 minutes" in stage(chromium, "write")
    logs.rpush("logs:http", *[b"{}"] * 3)
    wait(chromium, ".places", "80\nevents wait in lists")
    wait(chromium, "#accounts", "accounted for")
    chromium.find_element(By.LINK_TEXT, reason).click()
    wait(chromium, ".events", f"was refused {reason}")


def test_the_range_of_the_accounts(open_page: Open, chromium: Chrome, plant: Plant):
    """A click counts another range, in place; the address holds it; without a script the same is a page."""
    first = document("http", "http.request", datetime.now(UTC))
    plant(first, document("http", "http.request", datetime(2026, 1, 5, tzinfo=UTC)))
    open_page("/ops/pipeline/?since=1h")
    wait(chromium, "#accounts .verdict", "Not clean")  # nobody said that these were the last
    assert first["agent"]["ephemeral_id"][:12] in chromium.find_element(By.ID, "accounts").text
    wait(chromium, ".pipeline-head", "As of")
    chromium.execute_script("document.querySelector('#accounts .chip[href=\"?since=all\"]').click()")
    chosen = "#accounts .chip[aria-current]"
    wait(chromium, chosen, "ever")
    wait(chromium, "#accounts .verdict", "Not clean")
    assert "since=all" in chromium.current_url
    chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        open_page("/ops/pipeline/accounts/?since=all")
        assert "Not clean" in chromium.find_element(By.CSS_SELECTOR, ".verdict").text
        open_page("/ops/pipeline/state/")
        assert len(chromium.find_elements(By.CSS_SELECTOR, ".stage")) == 12
    finally:
        chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_whose_session_ended_goes_to_the_log_in_page(open_page: Open, chromium: Chrome):
    """The page that reads itself again does not stay as it is."""
    open_page("/ops/pipeline/")
    wait(chromium, ".pipeline-head", "As of")
    chromium.execute_cdp_cmd("Network.clearBrowserCookies", {})
    WebDriverWait(chromium, PATIENCE_S).until(lambda _: "/log-in/?next=" in chromium.current_url)
    chromium.get_log("browser")  # the small project of these tests has no log-in page: 404


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_contrast_is_enough_to_read(
    open_page: Open, chromium: Chrome, live_server: Any, logs: redis.Redis, plant: Plant, theme: str
):
    """Every text meets WCAG AA in both themes: stages in every state, findings, tables, accounts."""
    logs.rpush("logs:http", b"{}")
    plant(document("dead_letter", "", datetime.now(UTC), dead_letter={"reason": "refused"}))
    plant(document("http", "http.request", datetime.now(UTC), sequence=3))
    cookie = {"name": "logpipe_theme", "value": theme, "url": f"{live_server.url}/ops/"}
    chromium.execute_cdp_cmd("Network.setCookie", cookie)
    open_page("/ops/pipeline/")
    wait(chromium, "#accounts .verdict", "Not clean")
    wait(chromium, ".findings", "no consumer")
    found = chromium.execute_script(CONTRASTS)
    assert len(found) > 100
    assert [each for each in found if each[0] < each[1]] == []


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1920])
def test_fits_every_screen(open_page: Open, chromium: Chrome, plant: Plant, width: int):
    """The page never scrolls sideways; the table of accounts does so inside itself."""
    plant(document("http", "http.request", datetime.now(UTC)))
    screen = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 700}
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    open_page("/ops/pipeline/")
    wait(chromium, "#accounts .verdict", "Not clean")
    wait(chromium, ".pipeline-head", "As of")
    assert chromium.execute_script("return document.documentElement.scrollWidth") <= width
