"""
What secrets and personal data look like: in the name of a key, in text, as the number of a card.

Knows no event and no document; `journey.mask` applies it. Text is searched in two steps: cheap marks say which kinds of
secrets it may hold, and only those are looked for closely. Everything here takes time linear in its input's length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

__all__ = [
    "MASK",
    "SENSITIVE_WORDS",
    "cut",
    "in_pieces",
    "is_card_number",
    "sensitive_key",
    "sql_without_values",
    "suspicious",
    "without_secrets",
]

MASK = "[masked]"
"""Stands where a secret stood."""

SENSITIVE_WORDS = (
    "password", "passwd", "passphrase", "passcode", "pwd", "db_pass", "smtp_pass", "user_pass", "secret", "token",
    "jwt", "bearer", "authorization", "cookie", "session", "sessionid", "sessid", "apikey", "api_key", "access_key",
    "private_key", "signing_key", "encryption_key", "account_key", "credential", "csrf", "csrfmiddlewaretoken", "otp",
    "cvv", "cvv2", "cvc", "cvc2", "pin", "pan", "credit_card", "creditcard", "card_number", "cardnumber", "iban", "ssn",
    "passport", "tax_id", "email", "e_mail", "phone", "address", "first_name", "firstname", "last_name", "lastname",
    "full_name", "fullname", "surname", "birthday", "birthdate", "date_of_birth",
)  # fmt: skip
"""A key is sensitive when one of these is the whole of it or a run of its words (``user_password``, ``X-Api-Key``)."""

_ALSO_AT_THE_END = "password|passwd|passphrase|token|secret|cookie|apikey|sessionid|sessid|privatekey"
"""These count at the end of a longer word as well: ``csrftoken``, ``PHPSESSID``."""


def sensitive_key(words: tuple[str, ...] = SENSITIVE_WORDS) -> Callable[[str], bool]:
    """A test whether a key names one of *words*: as the whole of it, or as a run of its words (``new_password1``)."""
    listed = "|".join(re.escape(_snake(word)) for word in sorted(words, key=len, reverse=True))
    pattern = re.compile(rf"(?:(?:^|_)(?:{listed})|{_ALSO_AT_THE_END})s?\d*(?:$|_)")
    return lambda key: pattern.search(_snake(key)) is not None


def _snake(key: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower())


def is_card_number(digits: str) -> bool:
    """Whether the decimal *digits* can be a payment card's: an issuer's first digits, its length, the check digit."""
    if not _ISSUED.fullmatch(digits):
        return False
    total = 0
    for index, digit in enumerate(reversed(digits)):
        value = int(digit)
        if index % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0


_ISSUED = re.compile(
    r"(?=\d{16}$)(?:4|5[0-8]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|6|35)\d+"  # Visa, Mastercard, Discover, JCB, …
    r"|(?:62|67)\d{15,17}"  # some of UnionPay's and Maestro's are longer
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-5]|[689]\d)\d{11}"  # Diners
)


def cut(text: str, length: int) -> str:
    """
    The first *length* characters of *text* at most, for text that was not searched for secrets yet.

    The last word goes too, if it is no longer than half of that: nobody could tell of its beginning alone whether it
    is a secret's.
    """
    if len(text) <= length:
        return text
    backwards = text[max(length - _LONGEST_WORD, length // 2) : length][::-1]
    unfinished = _LAST_WORD_BACKWARDS.match(backwards)
    return text[: length - (unfinished.end() if unfinished else 0)]


_LONGEST_WORD = 1_024
_LAST_WORD_BACKWARDS = re.compile(r"[\d +._/-]*+[^\s\"'<>(){}\[\],;]*+")


def suspicious(document: bytes) -> bool:
    """
    Whether *document* may hold a secret in its texts: cheap and broad. Where there is no mark of one, it is clean.

    Args:
        document: JSON without blanks, as orjson writes it, in lower case.
    """
    characters = document.decode("latin-1")  # one for each byte: a text is searched at half the cost of bytes
    for mark in _MARKS_ALONE:
        if mark in characters:
            return True
    for sign, marks in _MARKS_BESIDE.items():
        if sign in characters:
            for mark in marks:
                if mark in characters:
                    return True
    if characters.count(":") != characters.count('":'):  # a colon that is not JSON's own
        for mark in _NAMES_MARKS:
            if mark in characters:
                return True
    return _has_long_number(document)


def without_secrets(text: str) -> str:
    """*text* with `MASK` in place of each secret; the very same object when there is none."""
    lowered = text.encode("utf-8", "replace").lower()
    characters = lowered.decode("latin-1")
    clean = text
    for kind in _KINDS:
        for mark in kind.marks:
            if mark in characters:
                clean = kind.clean(clean)
                break
    if _has_long_number(lowered):
        clean = _CARD.sub(_masked_card, clean)
    return text if clean == text else clean


def in_pieces(values: Sequence[object]) -> bool:
    """Whether *values* are the lines of one secret, of which most say nothing alone: a private key's."""
    return any(type(value) is str and "PRIVATE KEY" in value and "-----BEGIN" in value for value in values)


def sql_without_values(statement: str) -> str:
    """*statement* with a question mark for each text and number: which value is a secret, only the columns know."""
    if "\\" in statement:  # whether a backslash hides the next quote, databases disagree
        statement = statement.partition("'")[0] + "'…"
    return _SQL_VALUE.sub("?", statement)


_SQL_VALUE = re.compile(r"'(?:[^']|'')*+(?:'|\Z)|(?<![\w\".])[+-]?\d[\w.]*")


# --- secrets that have a name: password=…, "token": "…", Cookie: … ----------------------------------------------------

_BEGINS_A_WORD = r"(?:\b|(?<=_)|(?<=%[0-9A-F]{2})|(?-i:(?<=[a-z0-9])(?=[A-Z])))"
_KEYS = "|".join(
    f"(?<={word}{dash})"
    for word in ("api", "access", "private", "account", "signing", "encryption", "secret", "session")
    for dash in ("", "_", "-")
)
_ENTITY = r"&(?:quot|apos|\#x27|\#39|\#34);|\\u002[27]"
_QUOTE = rf"(?:\\{{0,7}}[\"']|{_ENTITY})"
_BLANK = r"(?:\s|\+|%20){0,4}"

_NAME = re.compile(
    r"(?:(?P<header>authorization|cookie)|pass(?:word|wd|phrase|code)|(?<=_)pass(?!\w)|secret|token|credential|csrf"
    rf"|sess(?:ion)?[_-]?(?:id|key)|(?:{_KEYS})key|card[_-]?n(?:umber|o)|(?<=amz[_-])signature|(?<=[?&])sig"
    rf"|{_BEGINS_A_WORD}(?:pwd|jwt|cvv|cvc|iban|ssn|otp|passport)"
    r"|(?P<personal>(?:(?<=e)|(?<=e[_-]))mail|phone|(?:(?<=fir)|(?<=la))st[_-]?name|full[_-]?name|birth))"
    r"(?:s|[_-]?\d{1,3})?(?:[_-][\w-]{1,40}|(?-i:[A-Z])\w{1,40})?"  # the rest of the name
    rf"(?:(?P<close>{_QUOTE}|%(?:25)*2[27]|[\])])?{_BLANK}(?:(?P<equals>=>?|%(?:25)*3D)|(?P<colon>:=?|%(?:25)*3A))"
    rf"|{_QUOTE}(?:\s{{1,4}}value=|(?:\r?\n|\\r\\n|\\n){{2}})"  # a form's field, in HTML or as a part of a request
    rf"|(?P<tag>>)|(?P<pair>{_QUOTE},)|(?=\s)(?P<option>)){_BLANK}",
    re.IGNORECASE,
)
_NAMES_MARKS = (
    "pass", "secret", "token", "authorization", "cookie", "credential", "csrf", "sess", "key", "card", "signature",
    "sig=", "pwd", "jwt", "cvv", "cvc", "iban", "ssn", "otp",
)  # fmt: skip
_PERSONAL_MARKS = ("mail", "phone", "st_name", "st-name", "stname", "full", "birth")
"""Every name that `_NAME` knows begins with one of these."""

_BACKWARDS = {
    "tag": re.compile(r"[\w:-]{0,40}<"),
    "pair": re.compile(r"[\w.-]{0,40}[\"']\\{0,7}b?\s?[(\[]|[\w-]{0,40}--"),
    "option": re.compile(r"[\w-]{0,40}--"),
}
"""What must stand before such a name, read backwards."""


def _without_named(text: str) -> str:
    """Masks what follows the names: a quoted text, a whole list or object, or one word; of a header the whole line."""
    lowered = text.replace("İ", "I").lower()  # of all letters, this alone has a longer form in lower case
    parts: list[str] = []
    at = 0
    for position in _positions(lowered):
        name = _NAME.match(text, position) if position >= at else None
        if name is None or not _names_a_value(name, text):
            continue
        start = name.end()
        if text.startswith(MASK, start):
            end = start + len(MASK)
        else:
            end = _end_of_value(text, start, whole_line=bool(name["header"] and name["colon"]))
        if end > start:
            parts += (text[at:start], MASK)
            at = end
    return "".join((*parts, text[at:])) if parts else text


def _positions(lowered: str) -> list[int]:
    found = []
    for mark in (*_NAMES_MARKS, *_PERSONAL_MARKS):
        position = lowered.find(mark)
        while position >= 0:
            found.append(position)
            position = lowered.find(mark, position + 1)
    return sorted(found)


def _names_a_value(name: re.Match[str], text: str) -> bool:
    if name["personal"]:
        return bool(name["equals"] or (name["colon"] and name["close"]))
    form = name.lastgroup
    if form in _BACKWARDS:
        return _BACKWARDS[form].match(text[max(name.start() - 56, 0) : name.start()][::-1]) is not None
    return True


def _end_of_value(text: str, start: int, *, whole_line: bool) -> int:
    opening = _OPENING.match(text, start)
    if opening is None:
        bare = (_LINE if whole_line else _WORD).match(text, start)
        return start if bare is None else start + len(bare[0].rstrip(",)}]"))
    if opening["quote"]:
        return _after_quote(text, opening.end(), opening["quote"])
    return _after_bracket(text, opening.end(), opening["bracket"])


_OPENING = re.compile(
    rf"(?:[bBuUrRfF]{{1,2}}(?=[\"']))?(?P<quote>{_QUOTE})|(?:[A-Za-z_][\w.]{{0,80}})?(?P<bracket>[\[({{<])"
)
_WORD = re.compile(r"[^\s&;\"'<]+")
_LINE = re.compile(r"(?:[^\r\n\\]|\\(?![rn]))+")


def _after_quote(text: str, at: int, quote: str) -> int:
    closing = _closing(quote).search(text, at)
    return closing.end() if closing else len(text)


@lru_cache(64)
def _closing(quote: str) -> re.Pattern[str]:
    """The same quote, with as many backslashes before it: one with more is part of the quoted text."""
    return re.compile(rf"(?<!\\){re.escape(quote)}")


_CLOSES = {"[": "]", "(": ")", "{": "}", "<": ">"}


def _after_bracket(text: str, at: int, bracket: str) -> int:
    depth = 1
    while token := _STRUCTURE[bracket].search(text, at):
        at = token.end()
        if token[0] == bracket:
            depth += 1
        elif token[0] == _CLOSES[bracket]:
            depth -= 1
            if not depth:
                return at
        else:
            at = _after_quote(text, at, token[0])
    return len(text)


_STRUCTURE = {one: re.compile(rf"{_QUOTE}|{re.escape(one)}|{re.escape(other)}") for one, other in _CLOSES.items()}


# --- secrets that one knows by their form -----------------------------------------------------------------------------

_BEGINS = r"(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{2}))"
_SPACE = r"(?:[ +]|%(?:25)*2[0B])"
_PRIVATE = rf"[A-Z +%0-9]{{0,40}}PRIVATE{_SPACE}KEY(?:{_SPACE}BLOCK)?-----"
_PRIVATE_KEY = re.compile(rf"-----BEGIN{_PRIVATE}.*?(?:-----END{_PRIVATE}|\Z)", re.DOTALL)
_SCHEME = re.compile(
    r"\b(bearer(?:\s|\+|%20){1,4}|(?:basic|digest|token)(?:\s|\+|%20){1,4}"
    r"(?=[a-z._~+/-]*(?:[0-9=]|(?-i:[a-z][A-Z]))))[a-z0-9._~+/=-]{8,}",
    re.IGNORECASE,
)
_JSON_WEB_TOKEN = re.compile(rf"{_BEGINS}eyJ[A-Za-z0-9_-]{{8,}}(?:\.[A-Za-z0-9_-]*){{0,4}}")
_PROVIDERS_KEY = re.compile(
    rf"{_BEGINS}(?:(?:AKIA|ASIA)[0-9A-Z]{{12,}}|gh[pousr]_\w{{20,}}|github_pat_\w{{20,}}|glpat-[\w-]{{16,}}"
    rf"|xox[abeprs]-[\w-]{{10,}}|[prs]k_(?:live|test)_\w{{8,}}|sk-(?=[\w-]*\d)[\w-]{{32,}}|AIza[\w-]{{30,}}"
    rf"|SG\.[\w-]{{16,}}\.[\w-]{{16,}}|npm_\w{{30,}}|pypi-[\w-]{{40,}}"
    rf"|whsec_[\w+/=-]{{20,}})"
)
_PASSWORD_HASH = re.compile(r"(?:pbkdf2_\w+|argon2\w*|bcrypt\w*|scrypt)\$[\w$+/=.,-]+|\$2[abxy]\$\d\d\$[\w./]{10,}")
_RESET_TOKEN = re.compile(r"(?<=[/=-])[0-9a-z]{1,13}-[0-9a-f]{32,64}(?![\w-])")
_CREDENTIALS_IN_URL = re.compile(r"(://|%(?:25)*3A(?:%(?:25)*2F){2})[^/\s\"'<>]+(?=@|%(?:25)*40)", re.IGNORECASE)
_ROW_IN_DATABASE_ERROR = re.compile(
    r"(failing row contains )\([^\r\n]*|(duplicate entry )'[^\r\n]*'(?= for )", re.IGNORECASE
)
_EMAIL = re.compile(
    # The local part begins where nothing of one stands before; after a lone % too, as in LIKE '%jane@…'.
    r"(?:(?<![\w.+%-])(?<!\w')|(?<=%)(?![0-9A-Fa-f]{2}))"
    r"(?:[\w.+-]|(?<=\w)'(?=\w)|%(?!(?:25)*40)[0-9A-Fa-f]{2})++"
    r"(?:@|%(?:25)*40|\\u0040)[\w-]{1,63}(?:\.[\w-]{1,63})+"
)


class _Kind(NamedTuple):
    """
    One kind of secret.

    *clean* needs to be called only where one of *marks* is in the text in lower case. In a JSON document one of the
    signs *beside* is there as well, where any are given.
    """

    marks: tuple[str, ...]
    clean: Callable[[str], str]
    beside: tuple[str, ...] = ()


def _masking(pattern: re.Pattern[str], replace: str = MASK) -> Callable[[str], str]:
    return lambda text: pattern.sub(replace, text)


_KINDS = (
    _Kind(("private",), _masking(_PRIVATE_KEY), ("--",)),
    _Kind(("bearer", "basic", "digest", "token"), _masking(_SCHEME, rf"\1{MASK}")),
    _Kind(("eyj",), _masking(_JSON_WEB_TOKEN)),
    _Kind(
        ("akia", "asia", "glpat-", "xox", "sk-", "aiza", "sg.", "npm_", "pypi-", "whsec_", "b_pat_"),
        _masking(_PROVIDERS_KEY),
    ),
    _Kind(("gho_", "ghp_", "ghr_", "ghs_", "ghu_"), _masking(_PROVIDERS_KEY), ("gh",)),
    _Kind(("k_live_", "k_test_"), _masking(_PROVIDERS_KEY), ("k_",)),
    _Kind(("$",), _masking(_PASSWORD_HASH)),
    _Kind(("reset",), _masking(_RESET_TOKEN)),
    _Kind(("failing row", "duplicate entry"), _masking(_ROW_IN_DATABASE_ERROR, rf"\1\2{MASK}"), ("(", "'")),
    _Kind(("://", "%3a%2f%2f", "253a%252f"), _masking(_CREDENTIALS_IN_URL, rf"\1{MASK}"), ("@", "%")),
    _Kind((*_NAMES_MARKS, *_PERSONAL_MARKS), _without_named, ("=", "%", "\\", "'")),
    _Kind(("@", "%40", "%2540", "\\u0040"), _masking(_EMAIL), ("@", "%", "\\")),
)
_MARKS_ALONE = tuple(mark for kind in _KINDS if not kind.beside for mark in kind.marks)
_MARKS_BESIDE: dict[str, set[str]] = {
    sign: {*_NAMES_MARKS} for sign in ("<", "--", '["')
}  # for a colon see `suspicious`
for _kind in _KINDS:
    for _sign in _kind.beside:
        _MARKS_BESIDE.setdefault(_sign, set()).update(_kind.marks)


# --- payment cards ----------------------------------------------------------------------------------------------------

_GAP = r"(?:[ ._/+\u00a0\u202f-]{1,2}|%(?:25)*2[0DdBb])?"
_CARD = re.compile(
    rf"(?<![0-9])(?<![0-9]\.)(?:\d{{4}}(?:{_GAP}\d{{4}}){{3}}(?:{_GAP}\d{{1,3}})?|\d{{4}}{_GAP}\d{{6}}{_GAP}\d{{4,5}})(?!\d)"
)
_SHORTEST_CARD = b"0" * 14
_DIGITS_TO_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_GAPS = b" ._/+-\xc2\xa0\xe2\x80\xaf"


def _has_long_number(lowered: bytes) -> bool:
    return b"%2" in lowered or _SHORTEST_CARD in lowered.translate(_DIGITS_TO_ZEROS, _GAPS)


def _masked_card(match: re.Match[str]) -> str:
    before = re.sub(r"^.*%(?:25)*[0-9A-Fa-f]{2}", "", _before(match))
    after = _WORD_CHARS.match(match.string, match.end())
    around = f"{before}{after[0] if after else ''}"
    if around.strip("-_") and not re.search(r"[^0-9A-Fa-f-]", around):
        return match[0]  # part of a hash or a UUID
    digits = re.sub(r"%(?:25)*2[0DdBb]|\D", "", match[0])
    if is_card_number(digits):
        return MASK
    # A short number behind the card's, as of its expiry, looks like a part of it.
    last = re.search(r"[^0-9]+[0-9]{1,3}$", match[0])
    if last and is_card_number(digits[: len(digits) - len(last[0].lstrip(" ._/+-\u00a0\u202f"))]):
        return MASK + last[0]
    return match[0]


def _before(match: re.Match[str]) -> str:
    """The rest of the word before *match*, with a percent escape that it may end in."""
    return _WORD_BACKWARDS.match(match.string[max(match.start() - 64, 0) : match.start()][::-1])[0][::-1]  # type: ignore[index]  # it matches the empty text


_WORD_CHARS = re.compile(r"[\w-]{0,64}")
_WORD_BACKWARDS = re.compile(r"[\w%-]{0,64}")
