"""``manage.py demo_traffic``: made-up people visit a running shop, gently, until told to stop."""

from __future__ import annotations

import os
import random
import signal
import threading
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shopapp.demo.browser import Browser, ShopAway
from shopapp.demo.shoppers import USER_AGENTS, Steps, Visit, pick_story

VISITORS = 6  # at a time
AWAY_S = 3  # how long to wait for a shop that does not answer


class Command(BaseCommand):
    help = (
        "Made-up shoppers browse, search and buy; the password of their accounts is SHOP_CUSTOMER_PASSWORD. "
        "With SHOP_STAFF_PASSWORD a staff member ships orders, too."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="Where the shop is.")
        parser.add_argument("--rate", type=float, default=1.0, help="Pages a second, on average; default 1.")
        parser.add_argument("--pages", type=int, default=0, help="Stop after so many pages; default: never.")
        parser.add_argument("--seed", type=int, default=None, help="For the same visits again.")

    def handle(self, *_: Any, url: str, rate: float, pages: int, seed: int | None, **__: Any) -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise CommandError(f"--url: {url!r} is no web address. Give one like http://127.0.0.1:8000")
        if rate <= 0:
            raise CommandError(f"--rate: {rate} is not above 0. Give pages a second, like 0.5")
        password, of_staff = (os.environ.get(f"SHOP_{who}_PASSWORD", "") for who in ("CUSTOMER", "STAFF"))
        if not password:
            raise CommandError("SHOP_CUSTOMER_PASSWORD: is missing. Set it to what `manage.py seed` was given")
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        self.stdout.write(f"visiting {url} until stopped")
        self.stdout.flush()
        dice = random.Random(seed)  # noqa: S311  # visits are no secret
        seen = _Crowd(url.rstrip("/"), password, of_staff, dice).shop(rate, pages, stop)
        self.stdout.write(f"{seen} pages visited")


class _Crowd:
    """A few visitors whose stories are told in turns, one page at a time."""

    def __init__(self, url: str, password: str, staff_password: str, dice: random.Random) -> None:
        self._url, self._password, self._staff_password, self._dice = url, password, staff_password, dice
        self._stories: list[Steps] = []

    def shop(self, rate: float, pages: int, stop: threading.Event) -> int:
        """Visit about *rate* pages a second until *stop* is set or *pages* were seen; their number."""
        seen = 0
        while not stop.wait(self._dice.expovariate(rate)) and (not pages or seen < pages):
            try:
                self._next_page()
                seen += 1
            except ShopAway:
                self._stories.clear()
                stop.wait(AWAY_S)
        return seen

    def _next_page(self) -> None:
        while len(self._stories) < VISITORS:
            browser = Browser(self._url, self._dice.choice(USER_AGENTS))
            story = pick_story(Visit(browser, self._dice, self._password, self._staff_password))
            next(story)  # up to its first page
            self._stories.append(story)
        story = self._dice.choice(self._stories)
        if next(story, _END) is _END:
            self._stories.remove(story)


_END = object()
