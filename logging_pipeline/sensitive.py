"""
What secrets and personal data look like: in the name of a key, in text, as the number of a card.

Knows no event and no document; `journey.mask` applies it. Everything here takes time linear in the length of its input.
"""

from __future__ import annotations

import re
from collections.abc import Callable

__all__ = ["MASK", "SENSITIVE_WORDS", "is_card_number", "sensitive_key", "suspicious", "without_secrets"]

MASK = "[masked]"
"""Stands where a secret stood."""

SENSITIVE_WORDS = (
    "password", "passwd", "passphrase", "pwd", "secret", "token", "authorization", "cookie", "session", "sessionid",
    "apikey", "api_key", "access_key", "private_key", "credential", "credentials", "csrf", "csrfmiddlewaretoken", "otp",
    "cvv", "cvc", "pin", "pan", "card_number", "cardnumber", "iban", "ssn", "email", "phone", "address", "first_name",
    "last_name", "full_name", "birthday", "date_of_birth",
)  # fmt: skip
"""A key is sensitive when one of these is the whole of it or a run of its words (``user_password``, ``X-Api-Key``)."""


def sensitive_key(words: tuple[str, ...] = SENSITIVE_WORDS) -> Callable[[str], bool]:
    """A test whether a key names one of *words*: as the whole of it, or as a run of its words."""
    pattern = re.compile(
        r"(?:^|_)(?:"
        + "|".join(re.escape(_snake(word)) for word in sorted(words, key=len, reverse=True))
        + r")s?(?:$|_)"
    )
    return lambda key: pattern.search(_snake(key)) is not None


def _snake(key: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower())


def suspicious(lowered: bytes) -> bool:
    """
    Whether *lowered* may hold a secret: cheap and broad. Text without a mark is clean; the rest is searched closely.

    Args:
        lowered: UTF-8, in lower case; also JSON, of a whole document at once.
    """
    for mark in _MARKS:
        if mark in lowered:
            return True
    if b"gh" in lowered and any(mark in lowered for mark in _FURTHER_MARKS):
        return True
    return _AS_LONG_AS_A_CARD in lowered.translate(_DIGITS_TO_ZEROS, b" +-")


def without_secrets(text: str) -> str:
    """*text* with `MASK` in place of each secret; the very same object when there is none."""
    if not suspicious(text.encode("utf-8", "replace").lower()):
        return text
    clean = text
    for pattern, replace in _PATTERNS:
        clean = pattern.sub(replace, clean)
    return clean


def is_card_number(digits: str) -> bool:
    """Whether the decimal *digits* can be a payment card's: 13 to 19, an issuer's first digit, the Luhn check digit."""
    if not 13 <= len(digits) <= 19 or digits[0] not in "23456":
        return False
    total = 0
    for index, digit in enumerate(reversed(digits)):
        value = int(digit)
        if index % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0


_WORDS = (
    r"pass(?:word|wd|phrase)|pwd|secret|token|authorization|cookie|session[_-]?id|sessionid|api[_-]?key|access[_-]?key|"
    r"private[_-]?key|csrfmiddlewaretoken|cvv|cvc|card[_-]?number|iban|ssn|otp"
)
_BETWEEN_DIGITS = r"(?:[ +-]|%20|%2[Dd])?"
_PROVIDER_KEY = r"\b(?:(?:AKIA|ASIA)[0-9A-Z]{12,}|gh[pousr]_\w{20,}|xox[abpr]-[\w-]{10,}|[sr]k_(?:live|test)_\w{8,})"

_MARKS = (
    b"@", b"%40", b"%20", b"%2d", b"pass", b"pwd", b"secre", b"token", b"authoriz", b"cookie", b"session", b"key",
    b"card", b"cv", b"iban", b"ssn", b"otp", b"eyj", b"bearer", b"basic ", b"digest ", b"akia", b"asia", b"xox",
    b"_live_", b"_test_",
)  # fmt: skip
_FURTHER_MARKS = (b"gho_", b"ghp_", b"ghr_", b"ghs_", b"ghu_")
_DIGITS_TO_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_AS_LONG_AS_A_CARD = b"0" * 13


def _card(match: re.Match[str]) -> str:
    digits = re.sub(r"%20|%2[Dd]|\D", "", match[0])
    return MASK if is_card_number(digits) else match[0]


_PATTERNS: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    # A private key in PEM, also one whose end was cut off.
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), MASK),
    # Authorization schemes.
    (re.compile(r"\b(bearer|basic|digest|token)\s+[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE), rf"\1 {MASK}"),
    # JSON Web Tokens, whole or cut.
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,2}"), MASK),
    (re.compile(_PROVIDER_KEY), MASK),
    # User and password in a URL.
    (re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"), MASK),
    # name=value, "name": "value", name: value; also percent-encoded and with escaped quotes.
    (
        re.compile(
            rf"((?:\b|_|(?<=%[0-9A-Fa-f]{{2}}))(?:{_WORDS})s?(?:\\?[\"'])?\s*(?:=>|=|:|%3D|%3A)\s*)(?!{re.escape(MASK)})"
            rf"(?:\\?\"(?:[^\"\\]|\\(?!\").)*(?:\\?\"|\Z)|'[^']*(?:'|\Z)|[^\s,;&\"'}})\]]+)",
            re.IGNORECASE,
        ),
        rf"\1{MASK}",
    ),
    # E-mail addresses, also percent-encoded.
    (re.compile(r"(?<![\w.+-])[\w.+-]++(?:@|%40)[\w-]{1,63}(?:\.[\w-]{1,63})+"), MASK),
    # Payment cards; not inside a longer run of digits, of hex or of a decimal fraction.
    (
        re.compile(rf"(?:(?<=%[0-9A-Fa-f]{{2}})|(?<![\w.%-]))\d(?:{_BETWEEN_DIGITS}\d){{12,18}}(?![\w-])"),
        _card,
    ),
)
