"""
What simulated people do in the shop: each visit is one story, told page by page.

A story is a generator that yields before each page, so that whoever runs it decides the pace, and can stop it there.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from shopapp.demo.browser import Browser
from shopapp.demo.catalogue import SHOPPERS, STAFF

__all__ = ["STORIES", "USER_AGENTS", "Steps", "Visit", "pick_story"]

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
USER_AGENTS = tuple(
    f"Mozilla/5.0 ({system}) {engine}"
    for system, engine in (
        ("Windows NT 10.0; Win64; x64", f"{WEBKIT} Chrome/141.0.0.0 Safari/537.36"),
        ("Windows NT 10.0; Win64; x64", f"{WEBKIT} Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0"),
        ("Windows NT 10.0; Win64; x64; rv:143.0", "Gecko/20100101 Firefox/143.0"),
        ("Macintosh; Intel Mac OS X 10_15_7", f"{APPLE} Version/18.5 Safari/605.1.15"),
        ("X11; Linux x86_64; rv:143.0", "Gecko/20100101 Firefox/143.0"),
        ("iPhone; CPU iPhone OS 18_5 like Mac OS X", f"{APPLE} Version/18.5 Mobile/15E148 Safari/604.1"),
        ("Linux; Android 15; Pixel 9", f"{WEBKIT} Chrome/141.0.0.0 Mobile Safari/537.36"),
        ("Linux; Android 14; SM-S921B", f"{WEBKIT} SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36"),
        ("compatible; ExampleBot/2.1; +https://crawler.example/bot", ""),
    )
)
OLD_LINKS = ("/product/enamel-milk-pan/", "/category/bathroom/", "/sale/", "/wp-login.php")
WORDS = ("mug", "candle", "blanket", "lamp", "notebook", "kettle", "radio", "pack", "steel", "oak", "wool", "sofa")
ADDRESSES = (
    ("Mill Lane 4", "10115", "Berlin", "DE"),
    ("Rue des Lilas 18", "69003", "Lyon", "FR"),
    ("Via Roma 7", "20121", "Milano", "IT"),
    ("Prinsengracht 210", "1016", "Amsterdam", "NL"),
    ("Storgatan 9", "41138", "Göteborg", "SE"),
)
GOOD_CARDS = ("4242424242424242", "5555555555554444", "378282246310005")
BAD_CARDS = ("4000000000000002", "4000000000009995", "4000000000000127", "4000000000000119")

Steps = Iterator[None]


@dataclass(frozen=True, slots=True)
class Visit:
    """
    Somebody at the shop.

    Args:
        browser: theirs.
        dice: their luck.
        password: of the made-up shoppers' accounts.
        staff_password: of the staff member's; empty: nobody minds the shop.
    """

    browser: Browser
    dice: random.Random
    password: str
    staff_password: str = ""

    def one_of(self, links: list[str], otherwise: str) -> str:
        return self.dice.choice(links) if links else otherwise


def look_around(visit: Visit) -> Steps:
    """Home, a shelf, some products."""
    yield
    home = visit.browser.open("/")
    yield
    shelf = visit.browser.open(visit.one_of(home.links("/category/"), "/search/?q=mug"))
    products = shelf.links("/product/")
    for _ in range(visit.dice.randint(1, 4)):
        yield
        visit.browser.open(visit.one_of(products, "/"))


def search(visit: Visit) -> Steps:
    """A word, another order, a product."""
    word = visit.dice.choice(WORDS)
    yield
    visit.browser.open(f"/search/?q={word}")
    yield
    found = visit.browser.open(f"/search/?q={word}&sort={visit.dice.choice(('price', 'name', 'price-desc'))}")
    yield
    visit.browser.open(visit.one_of(found.links("/product/"), "/"))


def fill_a_cart(visit: Visit) -> Steps:
    """Products go in; now and then one comes out again."""
    for _ in range(visit.dice.randint(1, 3)):
        yield from look_around(visit)
        adding = visit.browser.page.forms("/cart/add/")
        if adding:
            yield
            visit.browser.send(adding[0], quantity=str(visit.dice.choice((1, 1, 1, 2))))
    if visit.dice.random() < 0.2:
        yield
        changing = visit.browser.open("/cart/").forms("/cart/change/")
        if changing:
            yield
            visit.browser.send(changing[0], quantity="0")


def buy(visit: Visit) -> Steps:
    """Fill a cart, log in, pay; one in six cards is declined, and most try another then."""
    yield from fill_a_cart(visit)
    yield from _log_in(visit)
    card = visit.dice.choice(BAD_CARDS if visit.dice.random() < 0.17 else GOOD_CARDS)
    yield
    visit.browser.open("/orders/checkout/")
    if not visit.browser.page.hidden("checkout_key"):
        return  # the cart is empty
    yield
    visit.browser.send("/orders/checkout/", **_answers(visit, card))
    if visit.browser.page.status == 402 and visit.dice.random() < 0.7:
        yield
        visit.browser.send("/orders/checkout/", **_answers(visit, GOOD_CARDS[0]))
    yield
    visit.browser.open("/orders/")
    yield
    visit.browser.send("/account/log-out/")


def forget_password(visit: Visit) -> Steps:
    """Wrong once or twice, then right or away."""
    shopper = visit.dice.choice(SHOPPERS)
    for _ in range(visit.dice.randint(1, 2)):
        yield
        visit.browser.open("/account/log-in/")
        yield
        visit.browser.send("/account/log-in/", username=shopper.email, password="was-it-this-one", next="")  # noqa: S106
    if visit.dice.random() < 0.6:
        yield from _log_in(visit)


def follow_an_old_link(visit: Visit) -> Steps:
    """A product that is no more, a page that never was."""
    yield
    visit.browser.open(visit.dice.choice(OLD_LINKS))
    yield
    visit.browser.open("/")


def meet_a_fault(visit: Visit) -> Steps:
    """A page that is slow or breaks; only a shop with SHOP_DEMO_FAULTS heeds the header."""
    yield
    found = visit.browser.open("/search/?q=lamp")
    fault = visit.dice.choice(("slow", "slow", "error"))
    yield
    visit.browser.open(visit.one_of(found.links("/product/"), "/search/?q=oak"), {"X-Demo-Fault": fault})


def mind_the_shop(visit: Visit) -> Steps:
    """A staff member ships an order before the clock does; now and then a shopper tries the door."""
    yield
    visit.browser.open("/account/log-in/?next=/staff/")
    yield
    email, password = STAFF.email, visit.staff_password
    if visit.dice.random() < 0.25:
        email, password = visit.dice.choice(SHOPPERS).email, visit.password
    visit.browser.send("/account/log-in/", username=email, password=password, next="/staff/")
    yield
    orders = visit.browser.open("/staff/?status=paid").links("/staff/orders/")
    if orders:
        yield
        shipping = visit.browser.open(orders[0]).forms("/staff/orders/")
        if shipping:
            yield
            visit.browser.send(shipping[0])
    yield
    visit.browser.send("/account/log-out/")


#          story              weight
STORIES: dict[Callable[[Visit], Steps], int] = {
    look_around: 30,
    search: 22,
    fill_a_cart: 14,
    buy: 22,
    forget_password: 4,
    follow_an_old_link: 4,
    meet_a_fault: 4,
    mind_the_shop: 3,
}


def pick_story(visit: Visit) -> Steps:
    """The next visit's, by weight."""
    stories = [story for story in STORIES if story is not mind_the_shop or visit.staff_password]
    return visit.dice.choices(stories, weights=[STORIES[story] for story in stories])[0](visit)


def _log_in(visit: Visit) -> Steps:
    yield
    visit.browser.open("/account/log-in/?next=/orders/checkout/")
    yield
    shopper = visit.dice.choice(SHOPPERS)
    visit.browser.send(
        "/account/log-in/", username=shopper.email, password=visit.password, next=visit.browser.page.hidden("next")
    )


def _answers(visit: Visit, card: str) -> dict[str, str]:
    street, postcode, city, country = visit.dice.choice(ADDRESSES)
    return {
        "name": "Sam Shopper",
        "street": street,
        "postcode": postcode,
        "city": city,
        "country": country,
        "card_number": card,
        "card_expiry": "12/34",
        "card_cvc": "123",
        "checkout_key": visit.browser.page.hidden("checkout_key"),
        "agreed_cents": visit.browser.page.hidden("agreed_cents"),
    }
