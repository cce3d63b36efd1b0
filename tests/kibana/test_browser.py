"""The staff page in a real browser: the whole way, on every screen, in both themes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

from logging_pipeline.kibana.saved_objects import ndjson
from tests.console.test_browser import CONTRASTS
from tests.kibana.conftest import Item
from tests.kibana.stand_in import StandIn
from tests.kibana.test_page import Staff, project, staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases="__all__")]

__all__ = ["project", "staff"]  # fixtures

Open = Callable[[str], None]
WAIT_S = 60


@pytest.fixture
def open_page(project: Path, staff: Staff, live_server: Any, chromium: Chrome) -> Iterator[Open]:
    """Opens an address of the console as somebody with the permission."""
    chromium.execute_cdp_cmd("Network.clearBrowserCookies", {})
    session = staff().cookies[django_settings.SESSION_COOKIE_NAME].value
    chromium.execute_cdp_cmd(
        "Network.setCookie", {"name": django_settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}
    )
    chromium.set_window_size(1280, 900)
    chromium.get_log("browser")
    yield lambda path: chromium.get(f"{live_server.url}{path}")
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    complaints = [entry["message"] for entry in chromium.get_log("browser")]
    chromium.get("about:blank")
    assert complaints == []


@pytest.fixture
def changed(project: Path, stand_in: StandIn, objects: list[Item]) -> Path:
    """A file with a new tag and a dashboard that differs from what Kibana has, hostile names included."""
    for each in objects:
        stand_in.store.put("default", each)
    page = objects[3]
    panels = json.loads(page["attributes"]["panelsJSON"])
    panels[0]["gridData"]["w"] = 12
    page["attributes"]["panelsJSON"] = json.dumps(panels)
    page["attributes"]["title"] = "<b>Requests</b> \u202efo"
    page["attributes"]["description"] = "word " * 60
    objects.append({**objects[0], "id": "t" * 120, "attributes": {"name": "new"}})
    file = project / "changed.ndjson"
    file.write_text(ndjson(objects), encoding="utf-8")
    return file


def click(browser: Chrome, text: str) -> None:
    """Press the button that begins so, and wait for the next page."""
    before = browser.find_element(By.TAG_NAME, "html")
    button = next(each for each in browser.find_elements(By.CSS_SELECTOR, "main button") if each.text.startswith(text))
    button.click()
    WebDriverWait(browser, WAIT_S).until(lambda _: browser.find_element(By.TAG_NAME, "html") != before)


def says(browser: Chrome, text: str) -> None:
    """Wait until the page says *text*."""
    WebDriverWait(browser, WAIT_S).until(
        lambda _: text in browser.find_element(By.TAG_NAME, "main").text, message=f"{text!r} is not said"
    )


def bring(browser: Chrome, open_page: Open, file: Path) -> None:
    open_page("/ops/kibana/")
    browser.find_element(By.NAME, "file").send_keys(str(file))
    Select(browser.find_element(By.NAME, "place")).select_by_value("staging/default")
    click(browser, "See what would change")


def test_upload_difference_import_rollback(open_page: Open, chromium: Chrome, stand_in: StandIn, changed: Path):
    """What a staff member sees is what is imported, and what is taken back."""
    bring(chromium, open_page, changed)
    says(chromium, "panelsJSON[p1].gridData.w")
    says(chromium, "<b>Requests</b>")
    row = next(r for r in chromium.find_elements(By.CSS_SELECTOR, ".difference tr") if "gridData.w" in r.text)
    assert [cell.text for cell in row.find_elements(By.TAG_NAME, "td")] == ["24", "12"]
    assert stand_in.written() == []

    click(chromium, "Import 2 objects")
    says(chromium, "Taking it back would change")
    page = stand_in.store.get("default", ("dashboard", "page"))
    assert json.loads(page["attributes"]["panelsJSON"])[0]["gridData"]["w"] == 12

    click(chromium, "Roll back")
    says(chromium, "Rollback of")
    page = stand_in.store.get("default", ("dashboard", "page"))
    assert page["attributes"]["title"] == "Page"
    assert stand_in.store.get("default", ("tag", "t" * 120)) is None

    open_page("/ops/kibana/")
    rows = chromium.find_elements(By.CSS_SELECTOR, ".imported tbody tr")
    assert [each.text.split("staging / default")[1].split()[0] for each in rows] == ["Rollback", "Import"]


def test_a_broken_file(open_page: Open, chromium: Chrome, project: Path, objects: list[Item]):
    """What is wrong stands on the page, as text."""
    objects[3]["attributes"]["panelsJSON"] = "[{"
    objects[3]["id"] = "<img src=x onerror=document.title='owned'>"
    broken = project / "broken.ndjson"
    broken.write_text(ndjson(objects), encoding="utf-8")
    bring(chromium, open_page, broken)
    says(chromium, "line 4: dashboard <img src=x onerror=document.title='owned'>: attributes.panelsJSON: is not JSON")
    assert chromium.title == "Kibana · Console"
    failed = [entry for entry in chromium.get_log("browser") if "status of 400" not in entry["message"]]
    assert failed == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_screen_and_theme(
    open_page: Open, chromium: Chrome, live_server: Any, stand_in: StandIn, changed: Path, theme: str
):
    """No page scrolls sideways, from a small phone to a wide screen, and every text meets WCAG AA."""
    cookie = {"name": "logpipe_theme", "value": theme, "url": f"{live_server.url}/ops/"}
    chromium.execute_cdp_cmd("Network.setCookie", cookie)
    addresses = ["/ops/kibana/"]
    bring(chromium, open_page, changed)
    click(chromium, "Import 2 objects")
    addresses.append(chromium.current_url.removeprefix(live_server.url))
    stand_in.store.delete("default", ("tag", "t" * 120))
    stand_in.store.edit("default", ("dashboard", "page"), lambda a: a.update(title="By hand"))
    bring(chromium, open_page, changed)
    says(chromium, "By hand")
    addresses.append(chromium.current_url.removeprefix(live_server.url))
    for address in addresses:
        for width in (320, 375, 768, 1600):
            screen = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 700}
            chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
            open_page(address)
            assert chromium.execute_script("return document.documentElement.scrollWidth") <= width, address
        weak = [found for found in chromium.execute_script(CONTRASTS) if found[0] < found[1]]
        assert weak == [], address
