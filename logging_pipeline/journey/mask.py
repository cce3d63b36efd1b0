"""
Stage 5 of 12: personal data and secrets leave; only then is text cut to length.

Three rules, in this order: a value whose key names a secret is masked whole; text is searched for what secrets and
personal data look like; the user's id becomes a keyed hash and the client's address loses its last part. If anything
here fails, the whole value is masked. What secrets look like is in `logging_pipeline.sensitive`.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Iterable
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

import orjson

from logging_pipeline.sensitive import (
    MASK,
    SENSITIVE_WORDS,
    in_pieces,
    is_card_number,
    sensitive_key,
    suspicious,
    without_secrets,
)

__all__ = ["LEAST_CARD", "UNTOUCHED", "WHOLE_ADDRESSES", "Masker", "shortened", "user_hash"]

Document = dict[str, Any]

USER_KEYS = ("user_id", "user.id")
"""What names a user who is not the one that acts; the index gets the same keyed hash as in ``user.hash``."""

UNTOUCHED = frozenset(
    {
        "@timestamp",
        "data_stream",
        "ecs",
        "agent",
        "service",
        "host",
        "process",
        "trace",
        "span",
        "parent",
        "transaction",
    }
)
"""Top-level objects that the library alone fills."""

WHOLE_ADDRESSES = "auth"
"""The category in which clients keep their whole address: attacks on log-ins need it."""

MAX_KEYS = 4_096  # remembered, and as many texts
SHORT = 256  # characters; names of events, browsers and the like, which come again and again
LEAST_CARD = 10**13

_Texts = list[Any]
"""Texts, and lists as they are: what stands side by side in those may be a secret together."""


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
        self.hashes_users = bool(hash_key)
        self._max = text_max_chars
        self._is_sensitive = lru_cache(MAX_KEYS)(sensitive_key((*SENSITIVE_WORDS, *extra_keys)))
        self.user_hash = lru_cache(MAX_KEYS)(self._hash)
        self._clean_key = lru_cache(MAX_KEYS)(self._key)
        self._harmless_keys: set[str] = set()
        self.clean_texts: set[str] = set()

    def mask(self, document: Document, category: str = "") -> int:
        """
        Mask *document* in place; how many values were masked. Never raises.

        Most have nothing to hide: their keys are harmless, and one search through all of their texts says so of those.
        """
        masked = self._people(document, category)
        texts: _Texts = []
        suspects = {key: value for key, value in document.items() if key not in UNTOUCHED}
        if self._gather(suspects, texts) and (not texts or self.are_clean(texts)):
            return masked
        return masked + self._closely(document)

    def are_harmless(self, keys: Iterable[str]) -> bool:
        """Whether *keys* stay as they are, and what stands under them may be shown if it has nothing to hide itself."""
        for key in keys:
            if self._is_sensitive(key) or key.endswith(USER_KEYS) or self._clean_key(key) != key:
                return False
        _remember(self._harmless_keys, keys)
        return True

    def are_clean(self, texts: Collection[Any]) -> bool:
        """
        Whether *texts* have nothing to hide: mostly one search through all of them says so.

        Tuples of texts may be among them; of those, that search alone decides. Short texts are `clean_texts` from then
        on.
        """
        try:
            if _suspicious(texts) and not all(map(_has_no_secrets, texts)):
                return False
        except TypeError:  # what cannot be encoded is looked at value by value
            return False
        _remember(self.clean_texts, [text for text in texts if type(text) is str and len(text) <= SHORT])
        return True

    def _gather(self, values: Document, texts: _Texts) -> bool:
        """Add what is to be searched in *values* to *texts*; False: something is to be masked or cut in any case."""
        if not self._harmless_keys.issuperset(values) and not self.are_harmless(values):
            return False
        for value in values.values():
            kind = type(value)
            if kind is str:
                if value not in self.clean_texts:
                    if len(value) > self._max:
                        return False
                    texts.append(value)
            elif kind is dict:
                if not self._gather(value, texts):
                    return False
            elif kind is list:
                if in_pieces(value) or any(type(item) is str and len(item) > self._max for item in value):
                    return False
                texts.append(tuple(value))
            elif kind in (int, float) and value > LEAST_CARD:
                return False
        return True

    def _closely(self, document: Document) -> int:
        masked = 0
        for key in [key for key in document if key not in UNTOUCHED]:
            document[key], count = self._value(key, document[key])
            masked += count
        self._numbers(document)
        return masked

    def text(self, text: str) -> str:
        """*text* without secrets and personal data, cut to length."""
        clean = without_secrets(text)
        return clean if len(clean) <= self._max else f"{clean[: self._max]}…"

    def _value(self, key: str, value: Any) -> tuple[Any, int]:
        kind = type(value)
        if kind is str:
            clean = self._stack(value) if key == "stack_trace" else self.text(value)
            return clean, clean is not value
        if kind is dict:
            return self._object(value)
        if kind is list:
            return self._list(key, value)
        if kind in (int, float) and value > LEAST_CARD and is_card_number(f"{value:.0f}"):
            return None, 1
        return value, 0

    def _list(self, key: str, values: list[Any]) -> tuple[list[Any], int]:
        if in_pieces(values):
            return [MASK] * len(values), 1
        clean: list[Any] = []
        masked = 0
        for index, value in enumerate(values):
            if index and self._announces(values[index - 1], pair=len(values) == 2):
                item, count = _hidden(value), 1
            else:
                item, count = self._value(key, value)
            clean.append(item)
            masked += count
        return clean, masked

    def _announces(self, value: Any, *, pair: bool) -> bool:
        """Whether a secret stands behind *value*: a header's name, or a program's option."""
        if type(value) is not str or len(value) > 64 or " " in value:
            return False
        return (pair or value.startswith("-")) and self._is_sensitive(value)

    def _object(self, values: dict[str, Any]) -> tuple[dict[str, Any], int]:
        clean: dict[str, Any] = {}
        masked = 0
        for key, value in values.items():
            name = self._clean_key(key)
            if self._is_sensitive(key):
                clean[name] = _hidden(value)
                masked += 1
            elif key.endswith(USER_KEYS) and type(value) is str:
                clean[name] = self.user_hash(value) if self.hashes_users else MASK
                masked += 1
            else:
                clean[name], count = self._value(key, value)
                masked += count
        return clean, masked

    def _key(self, key: str) -> str:
        """*key* without secrets: `enforce` made underscores of its spaces, and a secret may stand between them."""
        spaced = key.replace("_", " ")
        clean = self.text(spaced)
        return self.text(key if clean == spaced else clean.replace(" ", "_"))

    def _numbers(self, document: Document) -> None:
        """Masked numbers cannot stay among numbers: say so among the labels."""
        numbers = document.get("numeric_labels", {})
        for key in [key for key, value in numbers.items() if value is None or (type(value) is list and None in value)]:
            del numbers[key]
            document.setdefault("labels", {}).setdefault(key, MASK)

    def _stack(self, text: str) -> str:
        clean = without_secrets(text)
        if len(clean) <= self._max:
            return clean
        half = self._max // 2
        return f"{clean[:half]}\n… {len(clean) - 2 * half} characters left out …\n{clean[-half:]}"

    def _people(self, document: Document, category: str) -> int:
        masked = 0
        user = document.get("user")
        if type(user) is dict and "id" in user:
            identity = str(user.pop("id"))
            if self.hashes_users:
                user["hash"] = self.user_hash(identity)
            if not user:
                del document["user"]
            masked += 1
        client = document.get("client")
        if type(client) is dict and "ip" in client and category != WHOLE_ADDRESSES:
            client["ip"] = shortened(client["ip"])
        return masked

    def _hash(self, identity: str) -> str:
        return user_hash(identity, self._hash_key)


def _suspicious(texts: Iterable[Any]) -> bool:
    return suspicious(b",".join(map(orjson.dumps, texts)).lower())


def _has_no_secrets(text: Any) -> bool:
    return not _suspicious((text,)) or (type(text) is str and without_secrets(text) is text)


def _remember(known: set[str], texts: Iterable[str]) -> None:
    if len(known) >= MAX_KEYS:
        known.clear()
    known.update(texts)


def user_hash(identity: str, key: str | bytes) -> str:
    """What stands for the user *identity* in events: 32 hex digits that nobody can find without *key*."""
    secret = key.encode() if isinstance(key, str) else key
    return hmac.digest(secret, identity.encode("utf-8", "replace"), "sha256").hex()[:32]


def _hidden(value: Any) -> Any:
    """*value* masked, in a form that the index takes where it stood: text, nothing for a number, an object for one."""
    kind = type(value)
    if kind is dict:
        return {key: _hidden(inner) for key, inner in value.items()}
    if kind is list:
        return MASK if all(type(item) is str for item in value) else None
    return MASK if kind is str else None


@lru_cache(4_096)
def shortened(address: str) -> str:
    """*address* without its last part: a /24 of IPv4, a /48 of IPv6."""
    try:
        ip = ip_address(address)
        return str(ip_network(f"{ip}/{48 if isinstance(ip, IPv6Address) else 24}", strict=False).network_address)
    except ValueError:
        return "0.0.0.0"  # noqa: S104  # an address that says nothing, not one that is bound to
