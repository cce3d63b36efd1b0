"""
Secrets that must never be found again: every class of them, in every place where code can put one.

Always the same for one seed. A secret of a class that has no form of its own (a password is any text) stands beside its
name, as code writes it; the others are known by their form and stand alone, too.
"""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

__all__ = ["CLASSES", "PLACES", "Canary", "Secret", "canaries"]

LETTERS = string.ascii_letters + string.digits
TEXT_MAX_CHARS = 16_384
RAW_MAX_CHARS = 65_536
KEY_MAX_CHARS = 128


@dataclass(frozen=True)
class Secret:
    """
    One secret.

    Args:
        text: what must not be found.
        shown: how it stands in a text by itself; empty: only beside its name.
        name: what code calls it.
        pieces: further parts that would give it away; by default its two halves.
    """

    kind: str
    text: str
    name: str
    shown: str = ""
    pieces: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The secret inside a text."""
        return f"before {self.shown} after" if self.shown else f"before {self.name}={self.text} after"

    def traces(self) -> set[str]:
        """What must not be found, in every spelling that code could give it."""
        half = len(self.text) // 2
        texts = {self.text, *(self.pieces or (self.text[:half], self.text[half:]))}
        spelled = {quote(text, safe="") for text in texts} | {json.dumps(text)[1:-1] for text in texts}
        encoded = {base64.b64encode(self.text.encode()).decode().rstrip("=")}
        return {trace for trace in texts | spelled | encoded if len(trace) >= 5}


@dataclass(frozen=True)
class Canary:
    """A secret in its place: what code logs."""

    number: int
    secret: Secret
    place: str
    event: str
    fields: dict[Any, Any] = field(default_factory=dict)


# --- classes of secrets -----------------------------------------------------------------------------------------------


def _random_text(chance: random.Random, length: int, letters: str = LETTERS) -> str:
    return "".join(chance.choice(letters) for _ in range(length))


def _email(chance: random.Random) -> Secret:
    local = f"{_random_text(chance, 7, string.ascii_lowercase)}.{_random_text(chance, 6, string.ascii_lowercase)}"
    local += chance.choice(("", "+shop", "_x", "-private"))
    address = f"{local}@{_random_text(chance, 6, string.ascii_lowercase)}.{chance.choice(('com', 'co.uk', 'example'))}"
    return Secret("e-mail", address, chance.choice(("email", "contactEmail")), address, (local,))


def _card(chance: random.Random) -> Secret:
    start, length = chance.choice((("4", 16), ("52", 16), ("2221", 16), ("6011", 16), ("37", 15), ("3566", 16)))
    digits = start + _random_text(chance, length - 1 - len(start), string.digits)
    digits += next(last for last in "0123456789" if _luhn(digits + last))
    groups = (4, 6, 5) if length == 15 else (4, 4, 4, 4)
    ends = [sum(groups[: index + 1]) for index in range(len(groups))]
    parts = [digits[end - size : end] for end, size in zip(ends, groups, strict=True)]
    shown = chance.choice(("", " ", "-")).join(parts)
    pieces = (digits, digits[:10], digits[-10:], shown[:10], shown[-10:])
    return Secret("card", shown, chance.choice(("card_number", "note", "pan")), shown, pieces)


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _bearer(chance: random.Random) -> Secret:
    token = _random_text(chance, 32)
    return Secret("bearer token", token, "Authorization", f"Bearer {token}")


def _session(chance: random.Random) -> Secret:
    name = chance.choice(("sessionid", "session_key", "csrftoken", "csrfmiddlewaretoken", "PHPSESSID"))
    return Secret("session token", _random_text(chance, 32, string.ascii_lowercase + string.digits), name)


def _password(chance: random.Random) -> Secret:
    name = chance.choice(("password", "new_password1", "userPassword", "passwd", "passphrase", "DB_PASSWORD", "pwd"))
    return Secret("password", _random_text(chance, 9) + chance.choice("!#$*^~.-_") + _random_text(chance, 8), name)


def _api_key(chance: random.Random) -> Secret:
    name = chance.choice(("api_key", "X-Api-Key", "apiKey", "client_secret", "access_token", "private-key"))
    return Secret("API key", _random_text(chance, 40), name)


def _providers_key(chance: random.Random) -> Secret:
    start = chance.choice(("AKIA", "ghp_", "sk_live_", "xoxb-", "glpat-", "github_pat_", "AIza", "sk-proj-4", "whsec_"))
    end = _random_text(chance, 36, string.ascii_uppercase + string.digits if start == "AKIA" else LETTERS)
    return Secret("provider's key", start + end, "note", start + end, (end[:12], end[-12:]))


def _private_key(chance: random.Random) -> Secret:
    kind = chance.choice(("", "RSA ", "EC ", "OPENSSH "))
    lines = [_random_text(chance, 64) for _ in range(3)]
    text = "\n".join((f"-----BEGIN {kind}PRIVATE KEY-----", *lines, f"-----END {kind}PRIVATE KEY-----"))
    return Secret("private key", text, "note", text, tuple(lines))


def _json_web_token(chance: random.Random) -> Secret:
    head = base64.urlsafe_b64encode(b'{"alg":"HS256"}').decode().rstrip("=")
    parts = (head, _random_text(chance, 40), _random_text(chance, 43))
    return Secret("JWT", ".".join(parts), "note", ".".join(parts), parts[1:])


def _url_credentials(chance: random.Random) -> Secret:
    password = _random_text(chance, 18)
    url = f"{chance.choice(('postgres', 'redis', 'https', 'amqp'))}://{chance.choice(('shop', ''))}:{password}@db/0"
    return Secret("URL credentials", password, "note", url, (password,))


CLASSES: tuple[Callable[[random.Random], Secret], ...] = (
    _email,
    _card,
    _bearer,
    _session,
    _password,
    _api_key,
    _providers_key,
    _private_key,
    _json_web_token,
    _url_credentials,
)


# --- places -----------------------------------------------------------------------------------------------------------


def _named(secret: Secret) -> dict[str, str]:
    """The secret under its name, as a header or a form has it."""
    return {secret.name: secret.shown or secret.text}


@dataclass
class _Account:
    owner: str
    settings: dict[str, str]


class _Talkative:
    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _raised(error: BaseException) -> BaseException:
    try:
        raise error
    except BaseException as raised:  # noqa: BLE001  # whatever the caller made
        return raised


def _with_notes(secret: Secret) -> BaseException:
    error = ValueError("the provider said no")
    error.add_note(secret.sentence)
    error.add_note(f"{'x ' * 490}{secret.sentence}")  # a note is cut after 1,000 characters
    return _raised(error)


def _chained(secret: Secret) -> BaseException:
    try:
        try:
            raise KeyError(secret.sentence)
        except KeyError as first:
            raise RuntimeError(json.dumps(_named(secret))) from first
    except RuntimeError:
        try:
            raise ValueError("at last")
        except ValueError as error:
            return error


def _with_local(secret: Secret) -> BaseException:
    local = secret.sentence
    return _raised(ValueError(f"nothing to see in {len(local)} characters"))


def _from_source(secret: Secret) -> BaseException:
    """An exception whose traceback shows a line of source with the secret in it."""
    import linecache

    source = f"client.log_in({secret.name.replace('-', '_')}={_first_line(secret)!r})\n"
    file = f"/srv/shop/{abs(hash(source))}.py"
    linecache.cache[file] = (len(source), None, [source], file)
    try:
        exec(compile(source, file, "exec"), {})  # noqa: S102  # `client` is not defined: that is the exception
    except NameError as error:
        return error
    raise AssertionError("unreachable")


def _first_line(secret: Secret) -> str:
    return (secret.shown or secret.text).replace("\n", "\\n")


def _violation(secret: Secret) -> str:
    return f"duplicate key\nDETAIL:  Key ({secret.name})=({secret.shown or secret.text}) already exists."


def _at(secret: Secret, limit: int, filler: str = "lorem ipsum, ") -> str:
    """A text in which the secret lies across *limit*."""
    sentence = secret.sentence
    start = limit - sentence.index(secret.text) - len(secret.text) // 2
    return (filler * (limit // len(filler) + 1))[:start].rstrip().ljust(start) + sentence + " and so on" * 50


def _form(secret: Secret) -> str:
    name, text = next(iter(_named(secret).items()))
    return f'--boundary\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n--boundary--'


PLACES: dict[str, Callable[[Secret], tuple[str, dict[Any, Any]]]] = {
    "value": lambda s: ("value", _named(s)),
    "message": lambda s: (s.sentence, {}),
    "text": lambda s: ("text", {"remark": s.sentence}),
    "name of a key": lambda s: ("key", {"counts": {s.sentence: 1, f"{'long ' * 20}{s.sentence}": 2}}),
    "nested": lambda s: ("nested", {"order": {"items": [{"extra": {"deep": _named(s)}}]}}),
    "deeply nested": lambda s: ("nested", {"a": {"b": {"c": {"d": {"e": [[_named(s)]]}}}}}),
    "list member": lambda s: ("list", {"members": ["first", s.sentence, "last"]}),
    "lines of a list": lambda s: ("list", {"lines": s.sentence.splitlines()}),
    "URL": lambda s: ("url", {"link": f"https://shop.example/reset/?next=%2F&{urlencode(_named(s))}&page=2"}),
    "URL encoded twice": lambda s: ("url", {"link": quote(f"/?{urlencode(_named(s))}")}),
    "form-encoded": lambda s: ("form", {"body": urlencode({"a": 1, **_named(s), "z": "é"})}),
    "part of a form": lambda s: ("form", {"body": _form(s)}),
    "JSON in text": lambda s: (f"answer {json.dumps({'a': 1, **_named(s), 'b': [2]})} came", {}),
    "JSON in JSON": lambda s: ("json", {"body": json.dumps({"inner": json.dumps(_named(s)), "z": 1})}),
    "JSON in JSON in JSON": lambda s: ("json", {"body": json.dumps({"i": json.dumps({"j": json.dumps(_named(s))})})}),
    "object in JSON": lambda s: ("json", {"body": json.dumps({s.name: {"a": {"b": 1}, "c": [s.shown or s.text]}})}),
    "Python literal": lambda s: (f"got {({'a': 1, **_named(s)})!r}", {}),
    "dataclass": lambda s: ("object", {"account": _Account("jane", _named(s))}),
    "bytes": lambda s: ("bytes", {"raw": s.sentence.encode(), "repr": repr(s.sentence.encode())}),
    "headers": lambda s: ("headers", {"headers": {"Accept": "*/*", **_named(s)}}),
    "header lines": lambda s: ("headers", {"raw": f"Host: x\r\n{s.name}: {s.shown or s.text}\r\nAccept: */*\r\n"}),
    "header pairs": lambda s: ("headers", {"headers": [["Accept", "*/*"], *map(list, _named(s).items())]}),
    "cookies": lambda s: ("cookies", {"raw": f"Cookie: theme=dark; {s.name}={quote(s.shown or s.text)}; lang=de"}),
    "command line": lambda s: ("run", {"command": ["psql", f"--{s.name}", s.shown or s.text]}),
    "exception": lambda s: ("failed", {"exc_info": _raised(ValueError(s.sentence))}),
    "exception's notes": lambda s: ("failed", {"exc_info": _with_notes(s)}),
    "exception group": lambda s: (
        "failed",
        {"exc_info": _raised(ExceptionGroup(s.sentence, [ValueError(s.sentence)]))},
    ),
    "chained exceptions": lambda s: ("failed", {"exc_info": _chained(s)}),
    "traceback's locals": lambda s: ("failed", {"exc_info": _with_local(s)}),
    "traceback's source": lambda s: ("failed", {"exc_info": _from_source(s)}),
    "database's error": lambda s: ("failed", {"exc_info": _raised(ValueError(_violation(s)))}),
    "cut of a text": lambda s: ("long", {"remark": _at(s, TEXT_MAX_CHARS)}),
    "cut of a raw text": lambda s: ("long", {"remark": _at(s, RAW_MAX_CHARS)}),
    "cut of an exception": lambda s: ("long", {"exc_info": _raised(ValueError(_at(s, RAW_MAX_CHARS)))}),
    "cut of a key": lambda s: ("long", {"counts": {_at(s, KEY_MAX_CHARS, "k "): 1}}),
    "cut of a repr": lambda s: ("long", {"thing": _Talkative(_at(s, 256, "<thing, "))}),
    "cut of an event": lambda s: ("long", {f"text{n}": _at(s, 16_000) for n in range(8)}),
}  # fmt: skip


def canaries(seed: int) -> Iterator[Canary]:
    """Each class in each place."""
    chance = random.Random(seed)
    number = 0
    for place, put in PLACES.items():
        for make in CLASSES:
            number += 1
            secret = make(chance)
            event, fields = put(secret)
            yield Canary(number, secret, place, event, fields)
