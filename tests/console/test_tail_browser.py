"""The live tail in a real browser: a real Redis publishes, a real ASGI server streams."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import redis
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from tests.console.asgi_server import AsgiServer
from tests.console.conftest import Person, mount
from tests.console.tailing import PATIENCE_S, publish, said
from tests.console.test_browser import CONTRASTS, press

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.django_db(transaction=True, databases="__all__")]

Open = Callable[[str], None]


@pytest.fixture
def server(redis_url: str, settings: Any, transactional_db: None) -> Iterator[AsgiServer]:
    mount(settings, {"app": "shop", "redis_url": redis_url, "tail_check_s": 0.3, "tail_connections_per_user": 1})
    running = AsgiServer()
    running.start()
    yield running
    running.stop()


@pytest.fixture
def open_page(server: AsgiServer, person: Person, chromium: Chrome) -> Iterator[Open]:
    """Opens an address as somebody who sees everything; at the end the browser has had no complaint."""
    chromium.execute_cdp_cmd("Network.clearBrowserCookies", {})
    name = django_settings.SESSION_COOKIE_NAME
    session = person(superuser=True).cookies[name].value
    chromium.execute_cdp_cmd("Network.setCookie", {"name": name, "value": session, "url": server.url})
    chromium.set_window_size(1280, 900)
    chromium.get_log("browser")
    yield lambda path: chromium.get(f"{server.url}{path}")
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    complaints = [entry["message"] for entry in chromium.get_log("browser") if "/tail/events/" not in entry["message"]]
    chromium.get("about:blank")
    assert complaints == []


@pytest.fixture
def logs(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as client:
        yield client


def wait(browser: Chrome, css: str, words: str) -> None:
    """Until an element that *css* finds says *words*; looked at in one step, for the page changes all the time."""
    script = "return [...document.querySelectorAll(arguments[0])].some((e) => e.innerText.includes(arguments[1]))"
    until = WebDriverWait(browser, PATIENCE_S).until
    until(lambda _: browser.execute_script(script, css, words), message=f"{css} does not say {words!r}")


def live(browser: Chrome) -> None:
    wait(browser, "#state", "Live")


def messages(browser: Chrome) -> list[str]:
    """What the rows say."""
    return browser.execute_script("return [...document.querySelectorAll('#rows td.message')].map((e) => e.textContent)")


def test_events_appear_as_they_happen(open_page: Open, chromium: Chrome, logs: redis.Redis):
    """Each in a row with its time, level, category and name; links to its own page and to its trace."""
    open_page("/ops/tail/")
    live(chromium)
    assert "Nothing has passed by yet" in chromium.find_element(By.ID, "empty").text
    event = said("http", "GET /tea/ 200", trace={"id": "0af7651916cd43dd8448eb211c80319c"})
    publish(logs, event, said("task", "mail sent", level="warning"))
    wait(chromium, "#rows", "mail sent")
    rows = chromium.find_elements(By.CSS_SELECTOR, "#rows tr")
    row = next(row for row in rows if "GET /tea/ 200" in row.text)
    assert "http.said" in row.text
    assert row.get_attribute("class") == "level-info"
    links = [link.get_attribute("href") for link in row.find_elements(By.TAG_NAME, "a")]
    assert [parse_qs(urlsplit(link).query)["id"] for link in links] == [[event["event"]["id"]], [event["trace"]["id"]]]
    assert "2 shown" in chromium.find_element(By.ID, "count").text


def test_filters_by_click_and_by_query(open_page: Open, chromium: Chrome, logs: redis.Redis):
    """A category, a level and a query together; the address holds them all."""
    open_page("/ops/tail/")
    live(chromium)
    chromium.find_element(By.LINK_TEXT, "http").click()
    WebDriverWait(chromium, PATIENCE_S).until(lambda _: "category=http" in chromium.current_url)
    chromium.find_element(By.LINK_TEXT, "warning+").click()
    WebDriverWait(chromium, PATIENCE_S).until(lambda _: "level=warning" in chromium.current_url)
    chromium.find_element(By.ID, "q").send_keys("not quiet", Keys.ENTER)
    WebDriverWait(chromium, PATIENCE_S).until(lambda _: "q=not+quiet" in chromium.current_url)
    assert "category=http" in chromium.current_url
    live(chromium)
    publish(
        logs,
        said("task", "another category", level="error"),
        said("http", "too low"),
        said("http", "quiet", level="error"),
        said("http", "this one", level="error"),
    )
    wait(chromium, "#rows", "this one")
    assert messages(chromium) == ["this one"]


def test_a_wrong_query_says_where(open_page: Open, chromium: Chrome):
    """The page shows the place of the mistake and opens no stream."""
    open_page("/ops/tail/?q=log.levl: error")
    wait(chromium, "#q-problem", "Did you mean log.level?")
    assert not chromium.find_elements(By.ID, "tail")
    chromium.get_log("browser")  # the page's own status is 400


def test_pause_counts_what_comes_meanwhile(open_page: Open, chromium: Chrome, logs: redis.Redis):
    """Space holds the page still and counts; space again shows what came, the last of it where it is too much."""
    open_page("/ops/tail/")
    live(chromium)
    publish(logs, said("http", "before"))
    wait(chromium, "#rows", "before")
    press(chromium, " ")
    wait(chromium, "#state", "Paused")
    publish(logs, *(said("http", f"meanwhile {n}") for n in range(3)))
    wait(chromium, "#count", "3 came meanwhile")
    assert messages(chromium) == ["before"]
    press(chromium, " ")
    wait(chromium, "#state", "Live")
    assert messages(chromium) == ["before", "meanwhile 0", "meanwhile 1", "meanwhile 2"]
    press(chromium, " ")
    publish(logs, *(said("http", f"many {n}") for n in range(700)))
    wait(chromium, "#count", "700 came meanwhile, the last 500 are kept")
    press(chromium, " ")
    wait(chromium, "#rows tr:last-child", "many 699")
    assert messages(chromium)[0] == "many 200"
    assert len(messages(chromium)) == 500


def test_space_on_a_button_presses_the_button(open_page: Open, chromium: Chrome, logs: redis.Redis):
    """On the pause button space pauses once, not twice; in the filter it is a space."""
    open_page("/ops/tail/")
    live(chromium)
    chromium.find_element(By.ID, "pause").send_keys(" ")
    wait(chromium, "#state", "Paused")
    chromium.find_element(By.ID, "pause").send_keys(" ")
    wait(chromium, "#state", "Live")
    press(chromium, Keys.ESCAPE)
    press(chromium, "/")
    press(chromium, "a b")
    assert chromium.find_element(By.ID, "q").get_attribute("value") == "a b"
    wait(chromium, "#state", "Live")


def test_it_follows_only_whoever_is_at_the_end(open_page: Open, chromium: Chrome, logs: redis.Redis):
    """At the end the newest is seen; further up nothing moves, and a button says how many came and leads there."""
    open_page("/ops/tail/")
    live(chromium)
    publish(logs, *(said("http", f"line {n}") for n in range(200)))
    wait(chromium, "#rows tr:last-child", "line 199")
    at_end = "const v = document.getElementById('view'); return v.scrollHeight - v.scrollTop - v.clientHeight < 8"
    assert chromium.execute_script(at_end)
    chromium.execute_script("document.getElementById('view').scrollTop = 300")
    publish(logs, said("http", "one more"), said("http", "and another"))
    wait(chromium, "#newest", "2 newer")
    assert chromium.execute_script("return document.getElementById('view').scrollTop") == 300
    chromium.find_element(By.ID, "newest").click()
    assert chromium.execute_script(at_end)
    assert not chromium.find_element(By.ID, "newest").is_displayed()


def test_what_was_skipped_is_said(open_page: Open, chromium: Chrome, logs: redis.Redis, settings: Any, redis_url: str):
    """A note with the number stands between the rows."""
    settings.LOGGING_PIPELINE = {**settings.LOGGING_PIPELINE, "tail_queue_events": 10}
    open_page("/ops/tail/")
    live(chromium)
    with logs.pipeline() as together:
        for _ in range(5):
            together.publish("logs:http", b"\n".join([b'{"message":"one of many"}'] * 10))
        together.execute()
    wait(chromium, "#rows .note", "events skipped")


def test_one_tail_too_many(open_page: Open, chromium: Chrome):
    """The second of an account that may have one says so, and begins by itself when the first is closed."""
    open_page("/ops/tail/")
    live(chromium)
    first = chromium.current_window_handle
    chromium.switch_to.new_window("tab")
    second = chromium.current_window_handle
    try:
        open_page("/ops/tail/")
        wait(chromium, "#state", "You have 1 live tails open")
        chromium.switch_to.window(first)
        chromium.get("about:blank")
        chromium.switch_to.window(second)
        live(chromium)
    finally:
        chromium.switch_to.window(second)
        chromium.close()
        chromium.switch_to.window(first)


def test_who_loses_the_right_is_cut_off(open_page: Open, chromium: Chrome, logs: redis.Redis):
    """The page says why, keeps what it has, and does not come back by itself."""
    open_page("/ops/tail/")
    live(chromium)
    publish(logs, said("http", "seen"))
    wait(chromium, "#rows", "seen")
    get_user_model().objects.update(is_active=False)
    wait(chromium, "#state", "You are logged out")
    assert messages(chromium) == ["seen"]
    assert chromium.find_element(By.CSS_SELECTOR, "#rows tr:last-child").text == "You are logged out."
    assert chromium.execute_script("return document.getElementById('pause').disabled")


def test_a_lost_connection_is_made_again(open_page: Open, chromium: Chrome, logs: redis.Redis, redis_server: Any):
    """The page says that it tries; connected again, it links to what it missed."""
    open_page("/ops/tail/")
    live(chromium)
    redis_server.kill()
    wait(chromium, "#state", "Trying again")
    redis_server.start()
    live(chromium)
    wait(chromium, "#rows .note", "Connected again")
    link = chromium.find_element(By.CSS_SELECTOR, "#rows .note a").get_attribute("href")
    assert urlsplit(link).path == "/ops/logs/"
    assert set(parse_qs(urlsplit(link).query)) == {"from", "to"}
    publish(logs, said("http", "after the pause"))
    wait(chromium, "#rows", "after the pause")


def test_hostile_events_do_nothing(open_page: Open, chromium: Chrome, logs: redis.Redis):
    """Markup is text, what cannot be seen is named, and links lead nowhere else."""
    open_page("/ops/tail/")
    live(chromium)
    evil = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    publish(
        logs,
        said(
            "http",
            f"{evil}\u202eevil\x1b[2J",
            level='"><b>',
            trace={"id": "javascript:alert(1)"},
            service={"name": evil},
        ),
        said("http", "last"),
    )
    wait(chromium, "#rows", "last")
    row = chromium.find_element(By.CSS_SELECTOR, "#rows tr")
    assert row.find_element(By.CSS_SELECTOR, ".message").text == f"{evil}U+202EevilU+001B[2J"
    marks = [mark.text for mark in row.find_elements(By.CSS_SELECTOR, ".message .unseen")]
    assert marks == ["U+202E", "U+001B"]
    assert not row.find_elements(By.CSS_SELECTOR, "img, script, b")
    for link in row.find_elements(By.TAG_NAME, "a"):
        assert urlsplit(link.get_attribute("href")).path.startswith("/ops/logs/")
    assert chromium.title == "Live tail · Console"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_contrast_is_enough_to_read(
    open_page: Open, chromium: Chrome, logs: redis.Redis, server: AsgiServer, theme: str
):
    """Every text meets WCAG AA in both themes: rows of all levels, notes and states."""
    cookie = {"name": "logpipe_theme", "value": theme, "url": f"{server.url}/ops/"}
    chromium.execute_cdp_cmd("Network.setCookie", cookie)
    open_page("/ops/tail/?q=client.class: bot or not client.class: *")
    live(chromium)
    levels = ("debug", "info", "warning", "error", "critical")
    publish(logs, *(said("http", f"a {level} one", level=level) for level in levels))
    wait(chromium, "#rows", "a critical one")
    get_user_model().objects.update(is_active=False)
    wait(chromium, "#state", "You are logged out")
    found = chromium.execute_script(CONTRASTS)
    assert len(found) > 40
    assert [each for each in found if each[0] < each[1]] == []


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1920])
def test_fits_every_screen(open_page: Open, chromium: Chrome, logs: redis.Redis, width: int):
    """The page never scrolls sideways, also with a long word in a message; where there is room, not at all."""
    screen = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 700}
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    open_page("/ops/tail/")
    live(chromium)
    publish(logs, *(said("http", "x" * 290) for _ in range(50)))
    wait(chromium, "#rows", "xxxx")
    assert chromium.execute_script("return document.documentElement.scrollWidth") <= width
    if width >= 768:
        assert chromium.execute_script("return document.documentElement.scrollHeight") <= 800
