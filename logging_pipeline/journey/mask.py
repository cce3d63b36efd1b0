"""
Stage 5 of 12: personal data and secrets leave; only then is text cut to length.

Three rules, in this order: a value whose key names a secret is masked whole; text is searched for what secrets and
personal data look like; the user's id becomes a keyed hash and the client's address loses its last part. If anything
here fails, the whole value is masked.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

import orjson

__all__ = ["MASK", "Masker", "is_card_number", "user_hash"]

MASK = "[masked]"

Document = dict[str, Any]

SENSITIVE_WORDS = (
    "password", "passwd", "passphrase", "pwd", "secret", "token", "authorization", "cookie", "session", "sessionid",
    "apikey", "api_key", "access_key", "private_key", "credential", "credentials", "csrf", "csrfmiddlewaretoken", "otp",
    "cvv", "cvc", "pin", "pan", "card_number", "cardnumber", "iban", "ssn", "email", "phone", "address", "first_name",
    "last_name", "full_name", "birthday", "date_of_birth",
)  # fmt: skip
"""A key is sensitive when one of these is the whole of it or a run of its words (``user_password``, ``X-Api-Key``)."""

USER_KEYS = ("user_id", "user.id")
"""What names a user who is not the one that acts; the index gets the same keyed hash as in ``user.hash``."""

UNTOUCHED = frozenset(
    {"@timestamp", "data_stream", "ecs", "agent", "service", "host", "process", "trace", "span", "parent"}
)
"""Top-level objects that the library alone fills."""


class Masker:
    """
    Masks documents in place.

    Args:
        hash_key: key of ``user.hash``; empty: users are left out altogether.
        text_max_chars: longest text that stays; a stack trace keeps both its ends.
        extra_keys: further sensitive words.
    """

    def __init__(self, *, hash_key: str = "", text_max_chars: int = 16_384, extra_keys: tuple[str, ...] = ()) -> None:
        self._hash_key = hash_key.encode()
        self._max = text_max_chars
        self._is_sensitive = lru_cache(4_096)(_sensitive_key((*SENSITIVE_WORDS, *extra_keys)))
        self._user_hash = lru_cache(4_096)(self._hash)
        self._clean_key = lru_cache(4_096)(self._key)

    def mask(self, document: Document) -> int:
        """Mask *document* in place; how many values were masked. Never raises."""
        masked = self._people(document)
        suspects = {key: value for key, value in document.items() if key not in UNTOUCHED}
        if not self._worth_a_look(suspects):
            return masked
        for key, value in suspects.items():
            document[key], count = self._value(key, value)
            masked += count
        self._numbers(document)
        return masked

    def _worth_a_look(self, suspects: Document) -> bool:
        """
        Whether anything in *suspects* may have to be masked or cut.

        Most events have nothing: their keys are harmless, and one search through all their text at once says so of it.
        """
        if self._has_sensitive_key(suspects):
            return True
        try:
            text = orjson.dumps(suspects).lower()
        except TypeError:  # what cannot be encoded is looked at value by value
            return True
        return len(text) > self._max or _suspicious(text)

    def _has_sensitive_key(self, values: Document) -> bool:
        for key, value in values.items():
            if (
                self._is_sensitive(key)
                or key.endswith(USER_KEYS)
                or (type(value) is dict and self._has_sensitive_key(value))
            ):
                return True
        return False

    def text(self, text: str) -> str:
        """*text* without secrets and personal data, cut to length."""
        clean = _without_secrets(text)
        return clean if len(clean) <= self._max else f"{clean[: self._max]}…"

    def _value(self, key: str, value: Any) -> tuple[Any, int]:
        kind = type(value)
        if kind is str:
            clean = self._stack(value) if key == "stack_trace" else self.text(value)
            return clean, clean is not value
        if kind is dict:
            return self._object(value)
        if kind is list:
            pairs = [self._value(key, item) for item in value]
            return [item for item, _ in pairs], sum(count for _, count in pairs)
        if kind is int and value > 10**12 and is_card_number(str(value)):
            return None, 1
        return value, 0

    def _object(self, values: dict[str, Any]) -> tuple[dict[str, Any], int]:
        clean: dict[str, Any] = {}
        masked = 0
        for key, value in values.items():
            name = self._clean_key(key)
            if self._is_sensitive(key):
                clean[name] = _hidden(value)
                masked += 1
            elif key.endswith(USER_KEYS) and type(value) is str:
                clean[name] = self._user_hash(value) if self._hash_key else MASK
                masked += 1
            else:
                clean[name], count = self._value(key, value)
                masked += count
        return clean, masked

    def _key(self, key: str) -> str:
        """*key* without secrets: `enforce` made underscores of its spaces, and a secret may stand between them."""
        spaced = key.replace("_", " ")
        clean = self.text(spaced)
        return key if clean == spaced else clean.replace(" ", "_")

    def _numbers(self, document: Document) -> None:
        """Masked numbers cannot stay among numbers: say so among the labels."""
        numbers = document.get("numeric_labels", {})
        for key in [key for key, value in numbers.items() if value is None or (type(value) is list and None in value)]:
            del numbers[key]
            document.setdefault("labels", {}).setdefault(key, MASK)

    def _stack(self, text: str) -> str:
        clean = _without_secrets(text)
        if len(clean) <= self._max:
            return clean
        half = self._max // 2
        return f"{clean[:half]}\n… {len(clean) - 2 * half} characters left out …\n{clean[-half:]}"

    def _people(self, document: Document) -> int:
        masked = 0
        user = document.get("user")
        if type(user) is dict and "id" in user:
            identity = str(user.pop("id"))
            if self._hash_key:
                user["hash"] = self._user_hash(identity)
            if not user:
                del document["user"]
            masked += 1
        client = document.get("client")
        if type(client) is dict and "ip" in client and not document["event"]["dataset"].endswith(".auth"):
            client["ip"] = _shortened(client["ip"])
        return masked

    def _hash(self, identity: str) -> str:
        return user_hash(identity, self._hash_key)


def user_hash(identity: str, key: str | bytes) -> str:
    """What stands for the user *identity* in events: 32 hex digits that nobody can find without *key*."""
    secret = key.encode() if isinstance(key, str) else key
    return hmac.new(secret, identity.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]


def _hidden(value: Any) -> Any:
    """*value* masked, in a form that the index takes where it stood: text, nothing for a number, an object for one."""
    kind = type(value)
    if kind is dict:
        return {key: _hidden(inner) for key, inner in value.items()}
    if kind is list:
        return MASK if all(type(item) is str for item in value) else None
    return MASK if kind is str else None


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


def _sensitive_key(words: tuple[str, ...]) -> Callable[[str], bool]:
    pattern = re.compile(
        r"(?:^|_)(?:"
        + "|".join(re.escape(_snake(word)) for word in sorted(words, key=len, reverse=True))
        + r")s?(?:$|_)"
    )
    return lambda key: pattern.search(_snake(key)) is not None


def _snake(key: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower())


@lru_cache(4_096)
def _shortened(address: str) -> str:
    try:
        ip = ip_address(address)
        return str(ip_network(f"{ip}/{48 if isinstance(ip, IPv6Address) else 24}", strict=False).network_address)
    except ValueError:
        return "0.0.0.0"  # noqa: S104  # an address that says nothing, not one that is bound to


# --- what secrets look like in text ----------------------------------------------------------------------------------

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


def _suspicious(lowered: bytes) -> bool:
    """Cheap and broad: text without a mark is clean, text with one is searched closely."""
    for mark in _MARKS:
        if mark in lowered:
            return True
    if b"gh" in lowered and any(mark in lowered for mark in _FURTHER_MARKS):
        return True
    return _AS_LONG_AS_A_CARD in lowered.translate(_DIGITS_TO_ZEROS, b" +-")


def _without_secrets(text: str) -> str:
    if not _suspicious(text.encode("utf-8", "replace").lower()):
        return text
    clean = text
    for pattern, replace in _PATTERNS:
        clean = pattern.sub(replace, clean)
    return clean


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
