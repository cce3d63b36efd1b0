"""A very small browser: cookies, forms, links; enough to shop with, over plain HTTP."""

from __future__ import annotations

import http.client
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from http.cookiejar import CookieJar

__all__ = ["Browser", "Page", "ShopAway"]

TIMEOUT_S = 20


class ShopAway(Exception):
    """The shop does not answer."""


@dataclass(frozen=True, slots=True)
class Page:
    """What came back."""

    url: str
    status: int
    html: str

    def links(self, pattern: str) -> list[str]:
        """The addresses in links that begin with *pattern*, in order, each once."""
        return self._addresses("href", pattern)

    def forms(self, pattern: str) -> list[str]:
        """The same, of forms."""
        return self._addresses("action", pattern)

    def _addresses(self, attribute: str, pattern: str) -> list[str]:
        found = re.findall(rf'{attribute}="({pattern}[^"]*)"', self.html)
        return list(dict.fromkeys(unescape(address) for address in found))

    def hidden(self, name: str) -> str:
        """The value of a hidden field; empty where there is none."""
        for tag in re.findall(r"<input[^>]*>", self.html):
            if f'name="{name}"' in tag:
                value = re.search(r'value="([^"]*)"', tag)
                return unescape(value[1]) if value else ""
        return ""


class Browser:
    """
    One visitor.

    Args:
        shop: address of the shop, without a slash at the end.
        user_agent: as browsers send it.
    """

    def __init__(self, shop: str, user_agent: str) -> None:
        self._shop = shop
        self._user_agent = user_agent
        self._page = Page(shop, 0, "")
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    @property
    def page(self) -> Page:
        """The latest."""
        return self._page

    def open(self, path: str, headers: Mapping[str, str] | None = None) -> Page:
        """
        Follow a link.

        Raises:
            ShopAway: no connection, or no answer in time.
        """
        return self._ask(path, None, headers or {})

    def send(self, path: str, **fields: str) -> Page:
        """
        Send a form; the hidden CSRF token of the latest page goes along.

        Raises:
            ShopAway: no connection, or no answer in time.
        """
        fields["csrfmiddlewaretoken"] = self._page.hidden("csrfmiddlewaretoken")
        return self._ask(path, urllib.parse.urlencode(fields).encode(), {})

    def _ask(self, path: str, body: bytes | None, headers: Mapping[str, str]) -> Page:
        url = self._shop + path
        sent = {"User-Agent": self._user_agent, "Referer": self._page.url, "Accept": "text/html", **headers}
        request = urllib.request.Request(url, body, sent)  # noqa: S310  # demo_traffic has checked the scheme
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as answer:
                self._page = Page(answer.url, answer.status, answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                self._page = Page(url, error.code, error.read().decode(errors="replace"))
        except (OSError, http.client.HTTPException) as error:
            raise ShopAway(f"{self._shop} does not answer: {error}") from error
        return self._page
