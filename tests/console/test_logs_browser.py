"""The log pages and the error groups in a real browser."""

from __future__ import annotations

import csv
import json
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from tests.console.conftest import Plant
from tests.console.events import Document, document
from tests.console.test_browser import CONTRASTS, Open, gone, one, press
from tests.console.test_browser import open_page as open_page  # a fixture, used by name

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.django_db(transaction=True, databases="__all__")]

DEADLINE_S = 60  # of what a busy machine does in one
COMBOBOX = (
    "return [q.getAttribute('role'), q.getAttribute('aria-expanded'), q.getAttribute('aria-controls'), "
    "document.getElementById(q.getAttribute('aria-activedescendant'))?.textContent ?? '']"
)


@pytest.fixture
def story(plant: Plant) -> dict[str, str]:
    """A request that failed with its task, between others; *mark* is in every message, *fault* is the error's class."""
    mark, fault, trace = f"m{secrets.token_hex(6)}", f"Fault{secrets.token_hex(4)}", secrets.token_hex(16)
    now = datetime.now(UTC) - timedelta(seconds=5)
    plant(
        *(
            document("http", "http.request", now - timedelta(seconds=n), f"GET /{n}/ {mark}", http=_ok(n))
            for n in range(1, 6)
        ),
        *_failed(mark, fault, trace, now),
    )
    return {"mark": mark, "fault": fault, "trace": trace}


def _ok(number: int) -> dict[str, Any]:
    return {"route": f"shelf/{number}/", "response": {"status_code": 200}}


def _failed(mark: str, fault: str, trace: str, now: datetime) -> list[Document]:
    request, task = secrets.token_hex(8), secrets.token_hex(8)
    error = {"type": fault, "message": f"{mark} refused", "grouping_key": fault, "stack_trace": f"Traceback\n{fault}"}
    return [
        document(
            "http",
            "http.request",
            now,
            f"POST /pay/ {mark}",
            level="error",
            error=error,
            trace={"id": trace},
            span={"id": request},
            event={"duration": 200_000_000},
            http={"route": "pay/", "response": {"status_code": 502}},
            user={"hash": "u1"},
        ),
        document(
            "task",
            "task.run",
            now + timedelta(milliseconds=600),
            f"pay.again {mark}",
            trace={"id": trace},
            span={"id": task},
            parent={"id": request},
            event={"duration": 250_000_000},
            celery={"task": {"name": "pay.again", "queue_delay_ns": 150_000_000}},
            service={"name": "shop-worker"},
        ),
    ]


@pytest.fixture
def downloads(chromium: Chrome, tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Waits for the one file whose name ends so, and is whole."""
    chromium.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})

    def arrived(ending: str) -> Path:
        def whole(_: Any) -> Path | None:
            return next((path for path in tmp_path.iterdir() if path.name.endswith(ending)), None)

        return WebDriverWait(chromium, DEADLINE_S).until(whole, message=f"no file *{ending} came")

    yield arrived
    chromium.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "default"})


def until(browser: Chrome, true: Callable[[], Any], message: str = "") -> Any:
    return WebDriverWait(browser, DEADLINE_S).until(lambda _: true(), message=message)


def options(browser: Chrome) -> list[str]:
    return [
        option.text for option in browser.find_elements(By.CSS_SELECTOR, "#q-options .text") if option.is_displayed()
    ]


def value(browser: Chrome) -> str:
    found: str = one(browser, "#q").get_attribute("value") or ""
    return found


def columns(browser: Chrome) -> list[str]:
    return [head.text for head in browser.find_elements(By.CSS_SELECTOR, "table.list th")]


def parameters(browser: Chrome) -> dict[str, list[str]]:
    return parse_qs(urlsplit(browser.current_url).query)


def test_a_query_is_written_with_the_keyboard(open_page: Open, chromium: Chrome, story: dict[str, str]):
    """Field, operator and value are taken from the list by arrows and Enter; Escape closes it; Enter then searches."""
    open_page(f"/ops/logs/?q={story['mark']}")
    box = one(chromium, "#q")
    assert chromium.execute_script(COMBOBOX) == ["combobox", "false", "q-options", ""]
    box.send_keys(" and http.response.status_co")
    until(chromium, lambda: "http.response.status_code" in options(chromium), "no field is offered")
    press(chromium, Keys.ESCAPE)
    gone(chromium, "#q-options")
    press(chromium, Keys.ARROW_DOWN)
    until(chromium, lambda: "http.response.status_code" in options(chromium), "the arrow does not open the list")
    press(chromium, Keys.ARROW_DOWN)
    role, expanded, _list, active = chromium.execute_script(COMBOBOX)
    assert (role, expanded) == ("combobox", "true")
    assert "http.response.status_code" in active
    press(chromium, Keys.ENTER)
    until(chromium, lambda: ">=" in options(chromium), "no operator is offered")
    press(chromium, Keys.ARROW_DOWN)
    press(chromium, Keys.ENTER)
    until(chromium, lambda: "502" in options(chromium), "no value is offered")
    chosen = options(chromium).index("502") + 1
    for _ in range(chosen):
        press(chromium, Keys.ARROW_DOWN)
    press(chromium, Keys.ENTER)
    assert value(chromium) == f"{story['mark']} and http.response.status_code: 502"
    gone(chromium, "#q-options")
    press(chromium, Keys.ENTER)
    until(chromium, lambda: parameters(chromium).get("q") == [f"{story['mark']} and http.response.status_code: 502"])
    (row,) = chromium.find_elements(By.CSS_SELECTOR, ".events td.message")
    assert row.text.startswith(f"POST /pay/ {story['mark']} 200 ms")  # its error follows, as far as there is room


def test_what_is_offered_cannot_hide_anything(open_page: Open, chromium: Chrome, plant: Plant):
    """Markup in a value is text, and a character that turns the reading direction is its code point."""
    mark = f"k{secrets.token_hex(4)}"
    plant(document("http", "a.b", datetime.now(UTC), labels={mark: "<b>\u202egnp.exe"}))
    open_page("/ops/logs/?from=now-1h")
    box = one(chromium, "#q")
    box.send_keys(f"labels.{mark}: ")
    until(chromium, lambda: '"<b>U+202Egnp.exe"' in options(chromium), "the value is not offered as it can be read")
    assert one(chromium, "#q-options .unseen").text == "U+202E"
    press(chromium, Keys.ARROW_DOWN)
    press(chromium, Keys.ENTER)
    assert value(chromium) == f'labels.{mark}: "<b>\u202egnp.exe"'


def test_an_error_has_its_place(open_page: Open, chromium: Chrome, console: dict):
    """A query that cannot be read is answered with a caret under its place, and the cursor stands there."""
    open_page("/ops/logs/?q=log.level%3A+error+and+http.rout%3A+x")
    problem = one(chromium, "#q-problem")
    line, caret = problem.find_element(By.TAG_NAME, "pre").get_attribute("textContent").split("\n")
    assert line[caret.index("^") :].startswith("http.rout: x")
    assert "Did you mean http.route?" in problem.text
    box = one(chromium, "#q")
    assert box.get_attribute("aria-invalid") == "true"
    assert chromium.execute_script("return [document.activeElement.id, q.selectionStart]") == ["q", 21]
    assert [each for each in chromium.execute_script(CONTRASTS) if each[0] < each[1]] == []
    assert "400" in chromium.get_log("browser")[0]["message"]


def test_columns_are_chosen_and_kept(open_page: Open, chromium: Chrome, story: dict[str, str]):
    """A field is added from an event, another from the menu, moved and removed; the address keeps their order."""
    open_page(f"/ops/logs/?q={story['mark']}")
    assert columns(chromium) == ["Time", "Level", "Category", "Event", "Message", "Service", "Trace"]
    one(chromium, "tr.level-error a.open").click()
    route = '#drawer a[aria-label="As a column: http.route"]'
    until(chromium, lambda: chromium.find_elements(By.CSS_SELECTOR, route), "the event cannot make a column")
    ActionChains(chromium).move_to_element(chromium.find_element(By.CSS_SELECTOR, route)).perform()
    one(chromium, route).click()
    until(chromium, lambda: columns(chromium)[-1:] == ["http.route"])
    one(chromium, "details.menu:nth-of-type(2) summary").click()
    one(chromium, "#add-column").send_keys("http.response.status_code", Keys.ENTER)
    until(chromium, lambda: columns(chromium)[-2:] == ["http.route", "http.response.status_code"])
    assert "pay/" in one(chromium, "table.list tbody").text
    for label in (
        "Move http.response.status_code to the left",
        "Remove the column trace.id",
        "Remove the column service.name",
    ):
        one(chromium, "details.menu:nth-of-type(2) summary").click()
        before = chromium.current_url
        one(chromium, f'.chosen-columns a[aria-label="{label}"]').click()
        until(chromium, lambda before=before: chromium.current_url != before)
    assert columns(chromium) == [
        "Time",
        "Level",
        "Category",
        "Event",
        "Message",
        "http.response.status_code",
        "http.route",
    ]
    assert parameters(chromium)["column"][-2:] == ["http.response.status_code", "http.route"]
    assert parameters(chromium)["q"] == [story["mark"]]


def test_a_click_on_a_value_narrows(open_page: Open, chromium: Chrome, story: dict[str, str]):
    """The buttons beside a value show only events with it, or without; the rest of the search stays."""
    open_page(f"/ops/logs/?q={story['mark']}&column=message&column=http.route")

    def press_beside(text: str, button: int) -> None:
        (cell,) = [c for c in chromium.find_elements(By.CSS_SELECTOR, "td[data-filter]") if c.text.strip() == text]
        ActionChains(chromium).move_to_element(cell).perform()
        cell.find_elements(By.CSS_SELECTOR, ".quick a")[button].click()

    press_beside("shelf/2/", 1)
    until(chromium, lambda: parameters(chromium).get("filter") == ["-http.route:shelf/2/"])
    assert len(chromium.find_elements(By.CSS_SELECTOR, "table.list tbody tr")) == 6
    press_beside("shelf/3/", 0)
    until(chromium, lambda: len(chromium.find_elements(By.CSS_SELECTOR, "table.list tbody tr")) == 1)
    assert parameters(chromium)["column"] == ["message", "http.route"]


def test_a_file_holds_what_the_page_shows(open_page: Open, chromium: Chrome, story: dict[str, str], downloads: Any):
    """Both kinds of file are downloaded from the menu and hold the events of the search."""
    open_page(f"/ops/logs/?q={story['mark']}&column=message&column=http.response.status_code")
    one(chromium, "details.menu:nth-of-type(3) summary").click()
    one(chromium, "details.menu:nth-of-type(3)").find_element(By.PARTIAL_LINK_TEXT, "CSV").click()
    rows = list(csv.reader(downloads(".csv").read_text().splitlines()))
    assert rows[0] == ["@timestamp", "message", "http.response.status_code"]
    assert [row[1:] for row in rows[1:3]] == [
        [f"pay.again {story['mark']}", ""],
        [f"POST /pay/ {story['mark']}", "502"],
    ]
    assert len(rows) == 8
    one(chromium, "details.menu:nth-of-type(3)").find_element(By.PARTIAL_LINK_TEXT, "NDJSON").click()
    events = [json.loads(line) for line in downloads(".ndjson").read_text().splitlines()]
    assert len(events) == 7
    assert events[0]["trace"]["id"] == story["trace"]


def test_a_search_is_saved_and_found_again(open_page: Open, chromium: Chrome, story: dict[str, str]):
    """A search gets a name in the menu, leads back to all its state, and is deleted there."""
    open_page(f"/ops/logs/?q={story['mark']}&column=message&level=error")
    one(chromium, "details.menu:nth-of-type(1) summary").click()
    one(chromium, "#search-name").send_keys("payments that fail", Keys.ENTER)
    until(chromium, lambda: parameters(chromium).get("level") == ["error"])
    open_page("/ops/logs/")
    one(chromium, "details.menu:nth-of-type(1) summary").click()
    chromium.find_element(By.LINK_TEXT, "payments that fail").click()
    until(chromium, lambda: parameters(chromium).get("q") == [story["mark"]])
    assert parameters(chromium)["column"] == ["message"]
    one(chromium, "details.menu:nth-of-type(1) summary").click()
    one(chromium, "details.change summary").click()
    one(chromium, "details.change .danger").click()
    until(chromium, lambda: not chromium.find_elements(By.LINK_TEXT, "payments that fail"))


def test_a_trace_is_followed_across_programs(open_page: Open, chromium: Chrome, story: dict[str, str]):
    """From an error in the list to its trace: request and task nested, the wait drawn, the error marked."""
    open_page(f"/ops/logs/?q={story['fault']}")
    one(chromium, "td.trace a").click()
    until(chromium, lambda: story["trace"] in chromium.current_url)
    rows = chromium.find_elements(By.CSS_SELECTOR, ".waterfall tbody tr")
    assert [row.find_element(By.CSS_SELECTOR, ".action").text for row in rows] == ["http.request", "task.run"]
    assert "depth-1" in rows[1].find_element(By.CSS_SELECTOR, ".what").get_attribute("class")
    assert "150 ms queued" in rows[1].text
    request, wait, task = (
        rows[n].find_element(By.CSS_SELECTOR, css).rect
        for n, css in ((0, "rect.bar"), (1, "rect.wait"), (1, "rect.bar"))
    )
    assert request["x"] + request["width"] < wait["x"] + 2
    assert abs(wait["x"] + wait["width"] - task["x"]) < 3
    assert [row.get_attribute("class") for row in rows] == ["level-error unit failed", "level-info unit"]
    one(chromium, ".waterfall a.open").click()
    assert story["fault"] in one(chromium, "#drawer").text


def test_an_error_group_is_resolved_and_comes_back(
    open_page: Open, chromium: Chrome, plant: Plant, story: dict[str, str]
):
    """Found in the list, looked at, resolved in a release; away; it fails again and is back, marked."""
    fault = story["fault"]
    open_page(f"/ops/errors/?q=error.type:+{fault}")
    one(chromium, ".groups .type").click()
    assert fault in one(chromium, ".stack pre").text
    one(chromium, "#release").send_keys("2.0")
    one(chromium, 'button[value="resolve"]').click()
    assert "in release 2.0" in one(chromium, ".decided").text
    open_page(f"/ops/errors/?q=error.type:+{fault}")
    assert "No open errors" in one(chromium, ".notice").text
    again, *_task = _failed(story["mark"], fault, secrets.token_hex(16), datetime.now(UTC))
    plant({**again, "service": {"name": "shop-web", "version": "2.0"}})
    open_page(f"/ops/errors/?q=error.type:+{fault}")
    assert one(chromium, ".groups .state").text == "came back"
    assert one(chromium, ".groups td.count").text == "2"
    one(chromium, ".groups .type").click()
    assert "It came back" in one(chromium, ".decided").text
    one(chromium, ".ways .primary").click()
    until(chromium, lambda: len(chromium.find_elements(By.CSS_SELECTOR, "table.list tbody tr")) == 2)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_can_be_read_and_fits(
    open_page: Open, chromium: Chrome, live_server: Any, story: dict[str, str], theme: str
):
    """Menus, lists, waterfall and groups meet WCAG AA in both themes and never scroll sideways from phone to desk."""
    chromium.execute_cdp_cmd(
        "Network.setCookie", {"name": "logpipe_theme", "value": theme, "url": f"{live_server.url}/ops/"}
    )
    many = "".join(
        f"&column={name}" for name in ("message", "http.route", "error.message", "labels.a", "url.path", "user.hash")
    )
    for width in (375, 1280, 1600):
        screen = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 700}
        chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        for path in (
            f"/ops/logs/?q={story['mark']}",
            f"/ops/logs/?q={story['mark']}{many}",
            f"/ops/logs/trace/?id={story['trace']}",
            f"/ops/errors/?q=error.type:+{story['fault']}",
            f"/ops/errors/group/?id={story['fault']}",
        ):
            open_page(path)
            chromium.execute_script("for (const menu of document.querySelectorAll('details')) menu.open = true")
            assert chromium.execute_script("return document.documentElement.scrollWidth") <= width, (path, width)
            weak = [each for each in chromium.execute_script(CONTRASTS) if each[0] < each[1]]
            assert weak == [], (path, width)
