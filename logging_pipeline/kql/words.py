"""
The words of a text, as Elasticsearch's standard analyzer finds them.

It cuts at the word boundaries of Unicode (UAX #29) and keeps what holds a letter, a digit or an emoji, in lower case. A
property of the characters decides, here as there; the two know different versions of Unicode, so characters that are
younger than a few years may be cut differently.
"""

from __future__ import annotations

import re

import regex

__all__ = ["lowered", "words"]

MAX_WORD_CHARS = 255  # longer ones are cut, in UTF-16 units


def words(text: str) -> tuple[str, ...]:
    """The words of *text* in order."""
    if text.isascii():  # nearly all logs: same rules, a simpler search
        found = _ASCII.findall(text)
        if not any(len(word) > MAX_WORD_CHARS for word in found):
            return tuple(word.lower() for word in found)
    return tuple(lowered(piece) for word in _WORD.findall(text) for piece in _pieces(word))


def lowered(text: str) -> str:
    """*text* in lower case, character by character: Java's rule, which knows no final sigma."""
    return text.lower() if text.isascii() else "".join(_LOWERED.get(c) or c.lower() for c in text)


_LOWERED = {"İ": "i"}  # alone in having a lower case of two characters

_X = r"[\p{WB=Extend}\p{WB=Format}\p{WB=ZWJ}]*+"
_LETTER = rf"(?:[\p{{WB=ALetter}}\p{{WB=Hebrew_Letter}}]{_X})"
_DIGIT = rf"(?:[\p{{WB=Numeric}}]{_X})"
_AFTER_HEBREW = rf"(?<=\p{{WB=Hebrew_Letter}}{_X})"
_KATAKANA = rf"(?:\p{{WB=Katakana}}{_X})"
_JOINER = rf"(?:\p{{WB=ExtendNumLet}}{_X})"
_IN_WORD = rf"(?:[:\p{{WB=MidLetter}}\p{{WB=MidNumLet}}\p{{WB=Single_Quote}}]{_X})"
_IN_NUMBER = rf"(?:[\p{{WB=MidNum}}\p{{WB=MidNumLet}}\p{{WB=Single_Quote}}]{_X})"

_IN_HEBREW = rf"{_AFTER_HEBREW}\p{{WB=Double_Quote}}{_X}(?=\p{{WB=Hebrew_Letter}})"
_RUN = (
    rf"(?:{_DIGIT}(?:(?:{_JOINER}*|{_IN_NUMBER}){_DIGIT})*"
    rf"|{_LETTER}(?:(?:{_JOINER}*|{_IN_WORD}|{_IN_HEBREW}){_LETTER})*(?:{_AFTER_HEBREW}\p{{WB=Single_Quote}}{_X})?)+"
)
_STRETCH = rf"(?:{_KATAKANA}(?:{_JOINER}*{_KATAKANA})*|{_RUN})"
_EMOJI_PART = rf"(?:[\p{{Extended_Pictographic}}\p{{Emoji_Modifier}}]{_X})"
_WORD = regex.compile(
    rf"(?<!\p{{WB=ExtendNumLet}}){_JOINER}*+{_STRETCH}(?:{_JOINER}+{_STRETCH})*{_JOINER}*"
    rf"|[0-9#*]\uFE0F?\u20E3{_X}"
    rf"|\p{{WB=Regional_Indicator}}{_X}\p{{WB=Regional_Indicator}}{_X}"
    rf"|{_EMOJI_PART}(?:(?<=\u200D){_EMOJI_PART})*"
    rf"|(?:\p{{LB=SA}}{_X})+|\p{{Han}}{_X}|\p{{Hiragana}}{_X}"
)
_ASCII = re.compile(
    r"(?<!_)_*+(?:[0-9]+(?:(?:_*|[.,';])[0-9]+)*+|[A-Za-z]+(?:(?:_*|[.:'])[A-Za-z]+)*+)++"
    r"(?:_++(?:[0-9]+(?:(?:_*|[.,';])[0-9]+)*+|[A-Za-z]+(?:(?:_*|[.:'])[A-Za-z]+)*+)++)*+_*+"
)


def _pieces(word: str) -> list[str]:
    if len(word) * 2 <= MAX_WORD_CHARS:
        return [word]
    pieces, units = [""], 0
    for character in word:
        size = 1 + (ord(character) > 0xFFFF)
        if units + size > MAX_WORD_CHARS:
            pieces.append("")
            units = 0
        pieces[-1] += character
        units += size
    return pieces
