"""Strings, barewords and numbers, which options and conditions share."""

from __future__ import annotations

import re

from logging_pipeline.logstash_engine.language.scanner import Scanner
from logging_pipeline.logstash_engine.language.syntax import Number, Text

__all__ = ["parse_number", "parse_quoted", "parse_text"]

_QUOTED = {'"': re.compile(r'"((?:\\"|[^"])*+)"'), "'": re.compile(r"'((?:\\'|[^'])*+)'")}
_BAREWORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]+")
_ONE_LETTER = re.compile(r"[A-Za-z_](?![A-Za-z0-9_])")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]*)?")
_LARGEST, _SMALLEST = 2**63 - 1, -(2**63)


def parse_quoted(scanner: Scanner) -> Text | None:
    """A string in quotes; the backslash of an escaped quote stays."""
    quote = scanner.text[scanner.position : scanner.position + 1]
    if quote not in _QUOTED:
        return None
    start, place = scanner.position, scanner.place()
    match = scanner.match(_QUOTED[quote])
    if match is None:
        scanner.fail(
            f"the string that starts here is never closed (a {quote} after a backslash does not close it)", start
        )
    return Text(match[1], place)


def parse_text(scanner: Scanner) -> Text | None:
    """A string in quotes, or a bareword."""
    quoted = parse_quoted(scanner)
    if quoted is not None:
        return quoted
    place = scanner.place()
    match = scanner.match(_BAREWORD)
    if match is not None:
        return Text(match[0], place)
    if _ONE_LETTER.match(scanner.text, scanner.position):
        scanner.fail("a bareword has two characters or more: put a single letter in quotes")
    return None


def parse_number(scanner: Scanner) -> Number | None:
    """An integer of at most 64 bits, or a decimal."""
    start, place = scanner.position, scanner.place()
    match = scanner.match(_NUMBER)
    if match is None:
        return None
    text = match[0]
    if text.endswith("."):
        scanner.fail("a number cannot end in a point", start)
    if "." in text:
        return Number(float(text), place)
    number = int(text)
    if not _SMALLEST <= number <= _LARGEST:
        scanner.fail("an integer has at most 64 bits: put a longer one in quotes", start)
    return Number(number, place)
