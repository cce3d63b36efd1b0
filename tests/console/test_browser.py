"""The console in a real browser."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from tests.console.conftest import Person, Plant
from tests.console.events import document, journey

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.django_db(transaction=True, databases="__all__")]

Open = Callable[[str], None]
DEADLINE_S = 60  # of what a busy machine does in one

# For every visible text: its contrast with the ground behind it, by WCAG 2.2, as [ratio, needed, text].
CONTRASTS = """
const channel = (c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const parse = (css) => css.match(/[\\d.]+/g).map(Number);
const ground = (node) => {
  for (; node; node = node.parentElement) {
    const colour = parse(getComputedStyle(node).backgroundColor);
    if (colour.length < 4 || colour[3] === 1) return colour;
    if (colour[3] !== 0) throw new Error("a translucent ground cannot be judged");
  }
  return [255, 255, 255];
};
const found = [];
for (const node of document.querySelectorAll("body *")) {
  const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
  if (!own || !node.checkVisibility({ opacityProperty: true }) || node.closest("svg, .unheard, .skip")) continue;
  const style = getComputedStyle(node);
  const [a, b] = [light(parse(style.color)), light(ground(node))].sort((x, y) => y - x);
  const large = parseFloat(style.fontSize) >= 24;
  found.push([(a + 0.05) / (b + 0.05), large ? 3 : 4.5, node.textContent.trim().slice(0, 40)]);
}
return found;
"""


@pytest.fixture
def open_page(console: dict, person: Person, live_server: Any, chromium: Chrome) -> Iterator[Open]:
    """Opens an address of the console as somebody who sees everything; at the end the browser has had no complaint."""
    chromium.execute_cdp_cmd("Network.clearBrowserCookies", {})
    session = person(superuser=True).cookies[django_settings.SESSION_COOKIE_NAME].value
    chromium.execute_cdp_cmd(
        "Network.setCookie", {"name": django_settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}
    )
    chromium.set_window_size(1280, 900)
    chromium.get_log("browser")
    yield lambda path: chromium.get(f"{live_server.url}{path}")
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    complaints = [entry["message"] for entry in chromium.get_log("browser")]
    chromium.get("about:blank")
    assert complaints == []


@pytest.fixture
def story(plant: Plant) -> dict[str, str]:
    """A checkout of which every event carries one trace, between other requests; *mark* is a word in its request."""
    trace, mark = secrets.token_hex(16), f"m{secrets.token_hex(6)}"
    now = datetime.now(UTC) - timedelta(seconds=5)
    plant(
        *journey(now, trace=trace, path=f"/checkout/ {mark} "),
        *(document("http", "http.request", now - timedelta(seconds=n), f"GET /{n}/ {mark} other") for n in range(1, 6)),
        document(
            "system", "stock.low", now, f"<script>document.title='owned'</script> {mark} \u202eevil", level="error"
        ),
    )
    return {"trace": trace, "mark": mark}


def one(browser: Chrome, css: str) -> WebElement:
    """The first visible element that *css* finds, waiting for it."""

    def visible(_: Any) -> WebElement | None:
        return next((e for e in browser.find_elements(By.CSS_SELECTOR, css) if e.is_displayed()), None)

    return WebDriverWait(browser, DEADLINE_S).until(visible, message=f"{css} does not show")


def gone(browser: Chrome, css: str) -> None:
    """Wait until nothing visible is found by *css*."""
    WebDriverWait(browser, DEADLINE_S).until(
        lambda _: not any(e.is_displayed() for e in browser.find_elements(By.CSS_SELECTOR, css))
    )


def press(browser: Chrome, key: str) -> None:
    browser.switch_to.active_element.send_keys(key)


def test_from_a_search_to_the_whole_story(open_page: Open, chromium: Chrome, story: dict[str, str]):
    """Search a word, open the request beside the list, follow its trace, see request, task and audit together."""
    open_page("/ops/logs/")
    one(chromium, "#q").send_keys(f"POST {story['mark']}", Keys.ENTER)
    row = one(chromium, ".events tbody tr")
    assert f"q=POST+{story['mark']}" in chromium.current_url
    assert "/checkout/" in row.text
    row.find_element(By.CSS_SELECTOR, ".message").click()
    drawer = one(chromium, "#drawer")
    assert "203.0.113.0" in drawer.text
    assert "logs/?q=" in chromium.current_url
    one(chromium, "#drawer .ways .primary").click()
    WebDriverWait(chromium, DEADLINE_S).until(lambda _: story["trace"] in chromium.current_url)
    actions = [name.text for name in chromium.find_elements(By.CSS_SELECTOR, ".waterfall .action")]
    assert actions == ["http.request", "payment.requested", "audit.changed", "task.run"]


def test_everything_by_keyboard(open_page: Open, chromium: Chrome, story: dict[str, str]):
    """/ goes to the search, Esc leaves it, j and k move, Enter opens beside the list, j shows the next, Esc closes."""
    open_page(f"/ops/logs/?q={story['mark']}+other")
    press(chromium, "/")
    assert chromium.switch_to.active_element.get_attribute("id") == "q"
    assert chromium.switch_to.active_element.get_attribute("value") == f"{story['mark']} other"
    press(chromium, Keys.ESCAPE)
    opens = chromium.find_elements(By.CSS_SELECTOR, "a.open")
    press(chromium, "j")
    press(chromium, "j")
    press(chromium, "k")
    press(chromium, "j")
    assert chromium.switch_to.active_element == opens[1]
    press(chromium, Keys.ENTER)
    assert "GET /2/" in one(chromium, "#drawer").text
    press(chromium, "j")
    WebDriverWait(chromium, DEADLINE_S).until(lambda _: "GET /3/" in one(chromium, "#drawer").text)
    press(chromium, Keys.ESCAPE)
    gone(chromium, "#drawer")
    assert chromium.switch_to.active_element == opens[2]


def test_without_a_script_everything_still_works(open_page: Open, chromium: Chrome, story: dict[str, str]):
    """With scripts off: search, narrow, open the event's own page, follow the trace, turn it dark."""
    chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    open_page("/ops/logs/")
    one(chromium, "#q").send_keys(f"{story['mark']}", Keys.ENTER)
    WebDriverWait(chromium, DEADLINE_S).until(lambda _: story["mark"] in chromium.current_url)
    chromium.find_element(By.LINK_TEXT, "http").click()
    WebDriverWait(chromium, DEADLINE_S).until(lambda _: "category=http" in chromium.current_url)
    one(chromium, "a.open").click()
    assert "Around this event" in one(chromium, ".event-page").text
    assert not [b for b in chromium.find_elements(By.CSS_SELECTOR, "[data-copy], [data-close]") if b.is_displayed()]
    one(chromium, ".ways .primary").click()
    assert len(chromium.find_elements(By.CSS_SELECTOR, ".waterfall tbody tr")) == 4
    one(chromium, "button[value=dark]").click()
    one(chromium, "html[data-theme=dark]")


def test_dark_and_light(open_page: Open, chromium: Chrome, story: dict[str, str]):
    """The chosen colours hold on the next page; "auto" follows the system."""

    def is_dark() -> bool:
        colour = chromium.execute_script("return getComputedStyle(document.body).backgroundColor")
        return sum(int(part) for part in colour.split("(")[1].rstrip(")").split(",")[:3]) < 200

    def choose(theme: str) -> None:
        one(chromium, f"button[value={theme}]").click()
        one(chromium, f"html[data-theme={theme}]")

    open_page("/ops/logs/")
    choose("dark")
    open_page(f"/ops/logs/trace/?id={story['trace']}")
    assert is_dark()
    choose("light")
    assert not is_dark()
    choose("auto")
    for system in ("dark", "light"):
        feature = {"name": "prefers-color-scheme", "value": system}
        chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        assert is_dark() == (system == "dark")
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_contrast_is_enough_to_read(open_page: Open, chromium: Chrome, live_server: Any, story: dict, theme: str):
    """Every text on every page meets WCAG AA in both themes, the drawer and the notices included."""
    cookie = {"name": "logpipe_theme", "value": theme, "url": f"{live_server.url}/ops/"}
    chromium.execute_cdp_cmd("Network.setCookie", cookie)
    for path in (
        "/ops/logs/",
        f"/ops/logs/?q={story['mark']}&level=error&filter=log.level:error&filter=-url.path:/",
        "/ops/logs/?q=nothing-has-this-word",
        f"/ops/logs/trace/?id={story['trace']}",
    ):
        open_page(path)
        weak = [found for found in chromium.execute_script(CONTRASTS) if found[0] < found[1]]
        assert weak == [], path
    one(chromium, "a.open").click()
    one(chromium, "#drawer .fields")
    found = chromium.execute_script(CONTRASTS)
    assert len(found) > 60
    assert [each for each in found if each[0] < each[1]] == []


_DRAWER_INSIDE = "return drawer.getBoundingClientRect().right <= arguments[0]"


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1920])
def test_fits_every_screen(open_page: Open, chromium: Chrome, story: dict[str, str], width: int):
    """No page scrolls sideways, from a small phone to a wide screen, also with a long hostile message."""
    screen = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 700}
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    for path in (f"/ops/logs/?q={story['mark']}", f"/ops/logs/trace/?id={story['trace']}"):
        open_page(path)
        assert chromium.execute_script("return document.documentElement.scrollWidth") <= width
        one(chromium, "a.open").click()
        one(chromium, "#drawer .fields")
        assert chromium.execute_script("return document.documentElement.scrollWidth") <= width
        WebDriverWait(chromium, DEADLINE_S).until(lambda w: w.execute_script(_DRAWER_INSIDE, width))  # it slides in


@pytest.mark.parametrize("width", [320, 768, 1024, 1280])
def test_messages_have_room(open_page: Open, chromium: Chrome, story: dict[str, str], width: int):
    """On every screen the message is what a row has most room for, in the list and in a trace."""
    screen = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 700}
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    for path, cell in (
        (f"/ops/logs/?q={story['mark']}", "td.message"),
        (f"/ops/logs/trace/?id={story['trace']}", "td.what"),
    ):
        open_page(path)
        assert one(chromium, f".events {cell}").size["width"] >= min(220, width * 0.7), path


@pytest.mark.parametrize("width", [320, 1280])
def test_a_word_without_end_fits(open_page: Open, chromium: Chrome, plant: Plant, width: int):
    """Ten thousand letters without a space, wherever an event can hold them, make no page wider."""
    word, key, trace = "W" * 10_000, secrets.token_hex(8), secrets.token_hex(16)
    failed = document(
        "http",
        word[:200],
        datetime.now(UTC) - timedelta(seconds=5),
        word,
        level="error",
        trace={"id": trace},
        error={"type": word[:300], "message": word, "stack_trace": word, "grouping_key": key},
        service={"name": word[:200], "version": word[:200]},
        http={"route": word[:1_000]},
    )
    plant(failed)
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 700}
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    for path in (
        f"/ops/logs/?filter=error.grouping_key:{key}",
        f"/ops/logs/event/?id={failed['event']['id']}",
        f"/ops/logs/trace/?id={trace}",
        f"/ops/errors/?filter=error.grouping_key:{key}",
        f"/ops/errors/group/?id={key}",
        f"/ops/dashboards/errors/?filter=error.grouping_key:{key}",
    ):
        open_page(path)
        assert "WWWW" in chromium.find_element(By.TAG_NAME, "main").text
        assert chromium.execute_script("return document.documentElement.scrollWidth") <= width, path


def test_the_shown_page_is_in_sight_among_the_pages(open_page: Open, chromium: Chrome, console: dict):
    """On a small phone, where the row of pages is wider than the screen, it begins at the page that is shown."""
    screen = {"width": 320, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    in_sight = (
        "return [...document.querySelectorAll('.top nav [aria-current], .tabs [aria-current]')]"
        ".map((link) => link.getBoundingClientRect()).map((box) => box.left >= 0 && box.right <= 320)"
    )
    open_page("/ops/kibana/")
    assert chromium.execute_script(in_sight) == [True]
    open_page("/ops/dashboards/security/")
    assert chromium.execute_script(in_sight) == [True, True]


def test_escape_closes_a_menu_and_goes_back_to_its_button(open_page: Open, chromium: Chrome, story: dict[str, str]):
    """Whoever leaves a menu by the keyboard goes on where it was opened."""
    open_page("/ops/logs/")
    menu = chromium.find_element(By.CSS_SELECTOR, ".tools details summary")
    menu.send_keys(Keys.ENTER)
    one(chromium, "#search-name").send_keys("half a na", Keys.ESCAPE)
    gone(chromium, "#search-name")
    assert chromium.switch_to.active_element == menu


def test_hostile_markup_does_nothing(open_page: Open, chromium: Chrome, story: dict[str, str]):
    """A script in a message is read as text in the list and beside it, and the override in it has no effect."""
    open_page(f"/ops/logs/?q={story['mark']}&level=error")
    assert "<script>document.title='owned'</script>" in one(chromium, ".events td.message").text
    assert "U+202E" in chromium.find_element(By.CSS_SELECTOR, ".events .unseen").get_attribute("textContent")
    one(chromium, "a.open").click()
    assert "<script>document.title='owned'</script>" in one(chromium, "#drawer .said").text
    assert chromium.title == "Logs · Console"


def test_nothing_jumps_while_it_loads(open_page: Open, chromium: Chrome, story: dict[str, str]):
    """The page is laid out once: no shift at loading, none when an event opens."""
    open_page(f"/ops/logs/?q={story['mark']}")
    chromium.execute_script(
        "window.shifts = [];"
        "new PerformanceObserver((list) => shifts.push(...list.getEntries().map((entry) => entry.value)))"
        ".observe({ type: 'layout-shift', buffered: true });"
    )
    one(chromium, "a.open").click()
    one(chromium, "#drawer .fields")
    assert sum(chromium.execute_async_script("setTimeout(() => arguments[0](window.shifts), 300)")) < 0.01


def test_a_session_that_ended_leads_to_the_log_in_page(open_page: Open, chromium: Chrome, story: dict[str, str]):
    """Opening an event after the session ended goes to the log-in page instead of showing nothing."""
    open_page(f"/ops/logs/?q={story['mark']}+other")
    chromium.execute_cdp_cmd("Network.clearBrowserCookies", {})
    one(chromium, "a.open").click()
    WebDriverWait(chromium, DEADLINE_S).until(lambda _: "/log-in/?next=" in chromium.current_url)
    chromium.get_log("browser")  # the small project of these tests has no log-in page: 404
