"""The dashboards in a real browser."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from logging_pipeline.console.dashboard_page import definitions
from tests.console.conftest import Plant
from tests.console.events import document
from tests.console.known_day import DAY, NOW, plant_day
from tests.console.test_browser import CONTRASTS, Open, one
from tests.console.test_browser import open_page as open_page  # a fixture, used by name

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.django_db(transaction=True, databases="__all__")]

BOARDS = [board.id for board in definitions(Path(__file__).resolve().parents[2] / "dashboards/definitions")]
DEADLINE_S = 60  # of what a busy machine does in one


@pytest.fixture
def shop(elasticsearch_server: Any, console: dict[str, Any]) -> None:
    """A known day of a shop in the console's streams."""
    plant_day(elasticsearch_server, console["namespace"])


def until(browser: Chrome, true: Any, message: str) -> Any:
    """What *true* says as soon as it is true; a refresh may replace an element between its finding and its reading."""
    wait = WebDriverWait(browser, DEADLINE_S, ignored_exceptions=[StaleElementReferenceException])
    return wait.until(lambda _: true(), message=message)


def screen(browser: Chrome, width: int) -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 700}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def requests(browser: Chrome) -> int:
    """The large number of the panel on requests."""
    text = one(browser, "#panel-requests .value").text
    return int(text.replace(",", ""))


def events_found(browser: Chrome) -> int:
    """How many events the log search says that it found."""
    return int(one(browser, ".summary .count").text.split()[0].replace(",", ""))


def request_now() -> dict[str, Any]:
    return document("http", "http.request", datetime.now(UTC), "GET / 200", event={"dataset": "shop.http"})


@pytest.mark.parametrize("board", BOARDS)
def test_every_dashboard_fits_and_can_be_read(
    open_page: Open, chromium: Chrome, live_server: Any, shop: None, board: str
):
    """Charts are drawn by the script, nothing scrolls sideways from phone to desk, every text meets WCAG AA."""
    for width, theme in ((375, "dark"), (1280, "light"), (1600, "dark")):
        cookie = {"name": "logpipe_theme", "value": theme, "url": f"{live_server.url}/ops/"}
        chromium.execute_cdp_cmd("Network.setCookie", cookie)
        screen(chromium, width)
        open_page(f"/ops/dashboards/{board}/?{DAY}")
        charts = chromium.find_elements(By.CSS_SELECTOR, ".chart")
        assert len(chromium.find_elements(By.CSS_SELECTOR, ".chart .uplot canvas")) == len(charts)
        assert chromium.execute_script("return document.documentElement.scrollWidth") <= width
        read = chromium.execute_script(CONTRASTS)
        assert len(read) > 40
        assert [found for found in read if found[0] < found[1]] == [], (width, theme)


def test_a_phone_shows_names_and_words_whole(open_page: Open, chromium: Chrome, plant: Plant):
    """However long a series' name is, it stands beside its colour; no panel of numbers or words hides a part."""
    kinds = [f"shop.{'somewhere.deep.' * 4}Kind{number}" for number in range(3)]
    program = f"phone-{secrets.token_hex(4)}"
    for kind in kinds:
        fields = {"error": {"type": kind}, "service": {"name": program}}
        plant(document("http", "http.request", datetime.now(UTC), "GET / 500", level="error", **fields))
    screen(chromium, 360)
    open_page(f"/ops/dashboards/errors/?from=now-15m&filter=service.name:{program}")
    beside = chromium.execute_script(
        "return [...document.querySelectorAll('#panel-over-time .legend > span')].map((each) => {"
        "  const [mark, name] = [...each.children].map((part) => part.getBoundingClientRect());"
        "  return [each.textContent, mark.right <= name.left && mark.top >= name.top && mark.bottom <= name.bottom];"
        "})"
    )
    assert [name for name, is_beside in beside if is_beside and name in kinds] == kinds
    legend = one(chromium, "#panel-over-time .legend")
    cut = "return arguments[0].scrollHeight > arguments[0].clientHeight + 1"
    plot = one(chromium, "#panel-over-time .plot")
    assert plot.size["height"] >= 160
    assert legend.location["y"] + legend.size["height"] <= plot.location["y"]
    for body in chromium.find_elements(By.CSS_SELECTOR, ".panel:is(.type-metric, .type-gauge, .type-markdown) .body"):
        assert not chromium.execute_script(cut, body)


def test_a_bar_leads_to_the_events_that_it_shows(open_page: Open, chromium: Chrome, shop: None):
    """What the pointer's note says of a part of a bar is how many events the log search behind a click finds."""
    open_page(f"/ops/dashboards/overview/?{DAY}")
    over = one(chromium, "#panel-throughput .u-over")
    height, width = over.size["height"], over.size["width"]
    found = None
    for column in range(2, 58):  # the first bar that is tall enough to be hit near its foot
        x = round((column + 0.5) / 49 * width - width / 2)
        if x >= width / 2:
            break
        ActionChains(chromium, duration=0).move_to_element_with_offset(over, x, height // 2 - 3).perform()
        parts = chromium.find_elements(By.CSS_SELECTOR, ".tip .at td")
        if parts and parts[0].is_displayed():
            found = int(parts[0].text.replace(",", ""))
            name = chromium.find_element(By.CSS_SELECTOR, ".tip .at th").text
            break
    assert found, "no bar is under the pointer"
    ActionChains(chromium, duration=0).click().perform()
    until(chromium, lambda: "/ops/logs/" in chromium.current_url, "the click leads nowhere")
    query = parse_qs(urlsplit(chromium.current_url).query)
    assert query["filter"] == [f"event.dataset:{name}"]
    assert datetime.fromisoformat(query["to"][0]) - datetime.fromisoformat(query["from"][0]) <= timedelta(minutes=30)
    assert events_found(chromium) == found


def test_a_horizontal_bar_leads_to_its_events(open_page: Open, chromium: Chrome, shop: None):
    """A click on a bar of a ranking finds as many events as the number beside it."""
    open_page(f"/ops/dashboards/errors/?{DAY}")
    row = one(chromium, "#panel-frequent tbody tr")
    number = int(row.find_element(By.CSS_SELECTOR, ".number").text.replace(",", ""))
    row.find_element(By.CSS_SELECTOR, ".bar svg").click()
    until(chromium, lambda: "/ops/logs/" in chromium.current_url, "the click leads nowhere")
    assert events_found(chromium) == number


def test_a_click_narrows_the_whole_dashboard(open_page: Open, chromium: Chrome, shop: None):
    """A value becomes a filter that every panel keeps; another range keeps the filter; its cross takes it away."""
    open_page(f"/ops/dashboards/overview/?{DAY}")
    everything = requests(chromium)
    (name,) = (e for e in chromium.find_elements(By.CSS_SELECTOR, "#panel-failures-by-program .narrow")
               if e.text == "shop-web")  # fmt: skip
    name.click()
    one(chromium, ".filters li")
    assert "service.name: shop-web" in one(chromium, ".filters").text
    narrowed = requests(chromium)
    assert 0 < narrowed < everything
    assert [e.text for e in chromium.find_elements(By.CSS_SELECTOR, "#panel-failures-by-program tbody th")] == [
        "shop-web"
    ]
    one(chromium, ".choice .chip").click()
    until(chromium, lambda: "from=now-5m" in chromium.current_url, "the range does not change")
    assert "service.name: shop-web" in one(chromium, ".filters").text
    chromium.back()
    one(chromium, ".filters li a").click()
    until(chromium, lambda: "filter=" not in chromium.current_url, "the filter stays")
    assert requests(chromium) == everything


def test_a_control_narrows_too(open_page: Open, chromium: Chrome, shop: None):
    """A control opens by keyboard, lists its values, and two of them together are either."""
    open_page(f"/ops/dashboards/overview/?{DAY}")
    everything = requests(chromium)
    for value in ("shop-web", "shop-worker"):
        one(chromium, ".values summary").send_keys(Keys.ENTER)
        options = chromium.find_elements(By.CSS_SELECTOR, ".values[open] li a")
        next(option for option in options if value in option.text).click()
        until(chromium, lambda value=value: value in chromium.current_url, "the control does nothing")
    assert "shop-web, shop-worker" in one(chromium, ".values summary").text
    assert requests(chromium) == everything


def test_a_drag_looks_closer(open_page: Open, chromium: Chrome, shop: None):
    """Drawing over a part of a chart opens the whole dashboard for that time, to whole buckets."""
    open_page(f"/ops/dashboards/http/?{DAY}")
    over = one(chromium, "#panel-requests .u-over")
    chain = ActionChains(chromium, duration=50).move_to_element_with_offset(over, -60, 0).click_and_hold()
    chain.move_by_offset(60, 0).move_by_offset(50, 0).release().perform()
    until(chromium, lambda: DAY not in chromium.current_url, "nothing happens")
    query = parse_qs(urlsplit(chromium.current_url).query)
    start, end = (datetime.fromisoformat(query[name][0]) for name in ("from", "to"))
    assert NOW - timedelta(days=1) < start < end < NOW
    assert all(moment.minute in (0, 30) and moment.second == 0 for moment in (start, end))


def test_refreshing_keeps_everything_in_its_place(open_page: Open, chromium: Chrome, plant: Plant):
    """New numbers come into the same page: scroll, focus and what is unfolded stay, and nothing moves."""
    plant(request_now())
    open_page("/ops/dashboards/overview/?from=now-15m&to=now")
    before = requests(chromium)
    chromium.execute_script(
        "window.stays = true; window.shifts = [];"
        "new PerformanceObserver((list) => shifts.push(...list.getEntries().map((entry) => entry.value)))"
        ".observe({ type: 'layout-shift', buffered: false });"
        "document.querySelector('#panel-throughput details.numbers').open = true;"
        "scrollTo(0, 200); document.querySelector('#panel-requests .value a').focus({ preventScroll: true });"
    )
    plant(request_now())
    chromium.execute_script("document.querySelector('[data-refresh-now]').click()")
    until(chromium, lambda: requests(chromium) == before + 1, "the number does not change")
    assert chromium.execute_script("return window.stays")
    assert chromium.execute_script("return scrollY") == 200
    assert chromium.execute_script("return document.activeElement.closest('.panel')?.id") == "panel-requests"
    assert chromium.execute_script("return document.querySelector('#panel-throughput details.numbers').open")
    assert len(chromium.find_elements(By.CSS_SELECTOR, "#panel-throughput .uplot canvas")) == 1
    assert sum(chromium.execute_async_script("setTimeout(() => arguments[0](window.shifts), 300)")) < 0.01


# Ten seconds pass in a fifth of one, and every reading of the page is counted.
HURRY = """
window.readings = 0;
const wait = setTimeout, read = fetch;
window.setTimeout = (work, ms, ...rest) => wait(work, ms > 5000 ? ms / 50 : ms, ...rest);
window.fetch = (...how) => { window.readings += 1; return read(...how); };
"""


def test_it_refreshes_itself_unless_nobody_looks(open_page: Open, chromium: Chrome, shop: None):
    """With an interval the page reads itself again and again; in a hidden tab it rests, and goes on when shown."""
    hurry = chromium.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": HURRY})
    try:
        open_page(f"/ops/dashboards/security/?{DAY}")
        Select(one(chromium, ".refresh select")).select_by_visible_text("every 10 s")
        until(chromium, lambda: "refresh=10s" in chromium.current_url, "the choice is not in the address")

        def readings() -> int:
            return chromium.execute_script("return window.readings")

        def hide(hidden: bool) -> None:
            chromium.execute_script(
                "Object.defineProperty(document, 'hidden', { value: arguments[0], configurable: true });"
                "document.dispatchEvent(new Event('visibilitychange'));",
                hidden,
            )

        until(chromium, lambda: readings() >= 2, "it does not refresh")
        hide(True)
        until(chromium, lambda: not chromium.find_elements(By.CSS_SELECTOR, ".refresh[aria-busy]"), "it never ends")
        at_rest = readings()
        chromium.execute_async_script("wait(arguments[0], 1500)")
        assert readings() == at_rest
        hide(False)
        until(chromium, lambda: readings() > at_rest, "it does not go on")
    finally:
        chromium.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", {"identifier": hurry["identifier"]})


def test_without_a_script_the_same_is_there(open_page: Open, chromium: Chrome, shop: None):
    """Charts are drawings with their numbers beneath, and filters, ranges and the way to the events are links."""
    chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    open_page(f"/ops/dashboards/overview/?{DAY}")
    assert not chromium.find_elements(By.CSS_SELECTOR, "canvas")
    assert one(chromium, "#panel-throughput svg rect[class^=series]").is_displayed()
    one(chromium, "#panel-throughput details.numbers summary").click()
    assert re.match(r"2026-03-0\d", one(chromium, "#panel-throughput .numbers tbody th").text)
    one(chromium, "#panel-throughput .legend .narrow").click()
    assert "event.dataset: " in one(chromium, ".filters").text
    one(chromium, "#panel-throughput .more").click()
    assert events_found(chromium) > 0


def test_the_description_shows_on_demand(open_page: Open, chromium: Chrome, shop: None):
    """The question that a panel answers, and what it counts, unfold over it by keyboard and close with Escape."""
    open_page(f"/ops/dashboards/overview/?{DAY}")
    about = one(chromium, "#panel-error-rate .about summary")
    about.send_keys(Keys.ENTER)
    popup = one(chromium, "#panel-error-rate .about .popup")
    assert "What part of the requests does the shop fail to answer (5xx)?" in popup.text
    assert "event.action:http.request" in popup.text
    about.send_keys(Keys.ESCAPE)
    until(chromium, lambda: not popup.is_displayed(), "it stays")


def test_a_refresh_without_an_answer_says_so(open_page: Open, chromium: Chrome, shop: None):
    """When the server does not answer, what is shown stays and is said to be old; the next answer takes that back."""
    open_page(f"/ops/dashboards/overview/?{DAY}")
    number = requests(chromium)
    chromium.execute_script("window.read = fetch; window.fetch = () => Promise.reject(new TypeError('away'));")
    one(chromium, "[data-refresh-now]").click()
    until(chromium, lambda: "No answer" in one(chromium, ".refresh").text, "nothing is said")
    assert re.search(r"shown is ([01]\d|2[0-3]):\d\d:\d\d$", one(chromium, "[data-refresh-said]").text)
    zone = chromium.execute_script("return document.querySelector('[data-refresh]').dataset.zone")
    assert zone == one(chromium, "footer strong").text
    assert requests(chromium) == number
    chromium.execute_script("window.fetch = window.read;")
    one(chromium, "[data-refresh-now]").click()
    until(chromium, lambda: "No answer" not in one(chromium, ".refresh").text, "it is still said")


def test_a_cell_of_a_heatmap_leads_to_its_events(open_page: Open, chromium: Chrome, shop: None):
    """A click on a cell finds as many events as its note says, in its bucket alone."""
    open_page(f"/ops/dashboards/celery/?{DAY}")
    cell = one(chromium, "#panel-busy rect[data-bucket]")
    number = int(cell.find_element(By.TAG_NAME, "title").get_attribute("textContent").rpartition(": ")[2])
    chromium.execute_script("arguments[0].scrollIntoView({ block: 'center' })", cell)
    ActionChains(chromium, duration=0).move_to_element(cell).click().perform()
    until(chromium, lambda: "/ops/logs/" in chromium.current_url, "the click leads nowhere")
    query = parse_qs(urlsplit(chromium.current_url).query)
    assert query["filter"][0].startswith("celery.task.name:")
    assert events_found(chromium) == number
