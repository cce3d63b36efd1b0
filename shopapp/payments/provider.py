"""
The test provider: answers by card number, as the test cards of well-known providers do, and takes nobody's money.

A share of the good cards is declined as well (`decline_rate`), for that is how real life is.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from random import SystemRandom

__all__ = ["TEST_CARDS", "Authorization", "Card", "ProviderUnavailable", "TestProvider"]

#            number              brand         answer
TEST_CARDS = {
    "4242424242424242": ("Visa", ""),
    "5555555555554444": ("Mastercard", ""),
    "378282246310005": ("Amex", ""),
    "4000000000000002": ("Visa", "generic_decline"),
    "4000000000009995": ("Visa", "insufficient_funds"),
    "4000000000009987": ("Visa", "lost_card"),
    "4000000000000069": ("Visa", "expired_card"),
    "4000000000000127": ("Visa", "incorrect_cvc"),
    "4000000000000119": ("Visa", "processing_error"),
}
UNANSWERED = "processing_error"
RANDOM_DECLINE = "do_not_honor"
NO_TEST_CARD = "live_card_in_test_mode"


class ProviderUnavailable(Exception):
    """The provider did not give a usable answer."""


@dataclass(frozen=True, slots=True)
class Card:
    """What the buyer typed; the repr shows none of it."""

    number: str = field(repr=False)
    expiry: str = field(repr=False)
    cvc: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Authorization:
    """The provider's answer; an empty `decline_code` is a yes."""

    reference: str
    brand: str
    decline_code: str = ""


@dataclass(frozen=True, slots=True)
class TestProvider:
    """
    Args:
        decline_rate: share of good cards to decline, 0 to 1.
        chance: gives numbers from 0 to 1.
    """

    __test__ = False  # not a test case, whatever its name

    decline_rate: float = 0.0
    chance: Callable[[], float] = SystemRandom().random
    name: str = "test"

    def authorize(self, card: Card, amount_cents: int) -> Authorization:
        """
        Ask for *amount_cents*.

        Raises:
            ProviderUnavailable: for the card that stands for an error at the provider.
        """
        brand, answer = TEST_CARDS.get(card.number, ("", NO_TEST_CARD))
        if answer == UNANSWERED:
            raise ProviderUnavailable("the provider answered 502")
        if not answer and self.chance() < self.decline_rate:
            answer = RANDOM_DECLINE
        return Authorization(f"tp_{secrets.token_hex(8)}_{amount_cents}", brand, answer)
