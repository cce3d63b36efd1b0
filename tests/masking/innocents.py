"""What only looks like a secret, and has to arrive as it was."""

from __future__ import annotations

import hashlib
import random
import string
import uuid
from collections.abc import Callable, Iterator
from ipaddress import IPv6Address

__all__ = ["INNOCENTS", "innocents"]

OF_EACH = 20


def _digits(chance: random.Random, length: int) -> str:
    return "".join(chance.choice(string.digits) for _ in range(length))


def _without_luhn(chance: random.Random) -> str:
    digits = chance.choice(("4", "52", "6011")) + _digits(chance, 12)
    digits = digits.ljust(15, "7")[:15]
    check = next(last for last in "0123456789" if _luhn(digits + last))
    return digits + str((int(check) + chance.randrange(1, 10)) % 10)


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _hex(chance: random.Random, length: int) -> str:
    return f"{chance.getrandbits(4 * length):0{length}x}"


INNOCENTS: dict[str, Callable[[random.Random], str]] = {
    "order id": lambda c: f"PK-{_digits(c, 9)}",
    "long order id": lambda c: f"1{_digits(c, 15)}",
    "SKU": lambda c: f"KIT-{_digits(c, 4)}-{c.choice('SMLX')}",
    "SKU like a phone number": lambda c: f"+49-{_digits(c, 3)}-{_digits(c, 4)}",
    "EAN": lambda c: f"40{_digits(c, 11)}",
    "16 digits without Luhn": _without_luhn,
    "UUID": lambda c: str(uuid.UUID(int=c.getrandbits(128), version=4)),
    "UUID without dashes": lambda c: _hex(c, 32),
    "MD5": lambda c: hashlib.md5(_digits(c, 9).encode()).hexdigest(),  # noqa: S324  # a text of that form
    "SHA-256": lambda c: hashlib.sha256(_digits(c, 9).encode()).hexdigest(),
    "Git commit": lambda c: f"commit {_hex(c, 40)}",
    "short hash": lambda c: _hex(c, 7),
    "timestamp": lambda c: (
        f"2026-{c.randrange(1, 13):02d}-{c.randrange(1, 29):02d}T12:{c.randrange(60):02d}:07.123456Z"
    ),
    "epoch in ms": lambda c: str(1_700_000_000_000 + c.randrange(10**10)),
    "epoch in ns": lambda c: str(1_700_000_000_000_000_000 + c.randrange(10**15)),
    "version": lambda c: f"v{c.randrange(20)}.{c.randrange(40)}.{c.randrange(99)}-rc{c.randrange(9)}",
    "path": lambda c: f"/srv/shop/media/{_hex(c, 8)}/passage-{c.randrange(99)}.jpg",
    "URL": lambda c: f"https://shop.example/product/keyring-{c.randrange(999)}/?page={c.randrange(9)}&sort=price",
    "IPv6": lambda c: str(IPv6Address(c.getrandbits(128))),
    "fraction": lambda c: f"0.{_digits(c, 16)}",
    "amount": lambda c: f"{c.randrange(1, 9999)}.{c.randrange(100):02d} EUR",
    "sentence": lambda c: f"passed {c.randrange(99)} of 99, the tokenizer and the author agree",
    "about secrets": lambda c: f"token expired after {c.randrange(99)} minutes; basic authentication is off",
    "class name": lambda c: f"shopapp.keyboards.SessionStore{c.randrange(99)}",
    "key beside": lambda c: f"cache key product:{c.randrange(999)} missed",
    "price list": lambda c: " ".join(str(c.randrange(10, 99)) for _ in range(9)),
}


def innocents(seed: int) -> Iterator[tuple[int, str, str]]:
    """Number, class and text: twenty of each class."""
    chance = random.Random(seed)
    number = 0
    for kind, make in INNOCENTS.items():
        for _ in range(OF_EACH):
            number += 1
            yield number, kind, make(chance)
