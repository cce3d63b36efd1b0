"""Literals and keywords in the text of a query: one pass from left to right, each character looked at once."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from logging_pipeline.errors import KqlError
from logging_pipeline.kql.syntax import BLANKS, Literal, Pattern, Place

__all__ = ["Scanner"]

_BLANKS = re.compile(r"[ \t\r\n\u00a0]++")
_PLAIN = re.compile(r'[^\\():<>"*{} \t\r\n\u00a0]++')
_KEYWORD = re.compile(r"(?:and|or|not)[ \t\r\n\u00a0]", re.IGNORECASE)
_NOT = re.compile(r"not[ \t\r\n\u00a0]++", re.IGNORECASE)
_JOINS = {word: re.compile(rf"[ \t\r\n\u00a0]++{word}[ \t\r\n\u00a0]++", re.IGNORECASE) for word in ("and", "or")}
_QUOTED = re.compile(r'[^"\\]++')
_UNICODE = re.compile(r"\\u([0-9a-f]{4})", re.IGNORECASE)
_ESCAPED_WORD = re.compile(r"\\(not(?!\w)|and|or)", re.IGNORECASE)
_WHITE_SPACE = {"t": "\t", "r": "\r", "n": "\n"}
_SPECIAL = frozenset('\\():<>"*{}')


@dataclass
class Scanner:
    """
    Reads *text* from *position* on.

    Raises:
        KqlError: from every method, pointing at what cannot be read.
    """

    text: str
    position: int = 0
    end: int = field(init=False)

    def __post_init__(self) -> None:
        self.end = len(self.text)
        try:
            self.text.encode()
        except UnicodeEncodeError as error:
            raise KqlError("half of a surrogate pair is no character", offset=error.start) from None

    def here(self) -> Place:
        """Where it stands."""
        return Place(self.text, self.position)

    @property
    def next(self) -> str:
        """The character that comes, empty at the end."""
        return self.text[self.position : self.position + 1]

    def blanks(self) -> None:
        """Skip white space."""
        if found := _BLANKS.match(self.text, self.position):
            self.position = found.end()

    def takes(self, mark: str) -> bool:
        """Whether *mark* comes; it is then behind."""
        if not self.text.startswith(mark, self.position):
            return False
        self.position += len(mark)
        return True

    def join(self, word: str) -> bool:
        """Whether ``and`` or ``or`` comes, with white space on both sides; it is then behind."""
        return self._skip(_JOINS[word])

    def at_join(self, word: str) -> bool:
        """Whether ``and`` or ``or`` comes, with white space on both sides; it stays."""
        return _JOINS[word].match(self.text, self.position) is not None

    def negation(self) -> bool:
        """Whether ``not`` and white space come; they are then behind."""
        return self._skip(_NOT)

    def at_negation(self) -> bool:
        """Whether ``not`` comes; it stays."""
        return _NOT.match(self.text, self.position) is not None

    def literal(self) -> Literal | Pattern | None:
        """The literal that comes, with the white space after it; ``None`` when there is none."""
        return self._quoted() if self.next == '"' else self._unquoted()

    def _skip(self, what: re.Pattern[str]) -> bool:
        found = what.match(self.text, self.position)
        if found:
            self.position = found.end()
        return found is not None

    def _quoted(self) -> Literal:
        place = self.here()
        self.position += 1
        pieces: list[str] = []
        while self.next != '"':
            if self.position >= self.end:
                raise place.error("this quotation mark is never closed", ('a second "',))
            if found := _QUOTED.match(self.text, self.position):
                pieces.append(found[0])
                self.position = found.end()
            else:
                pieces.append(self._escape_in_quotes())
        self.position += 1
        return Literal("".join(pieces), quoted=True, place=place)

    def _escape_in_quotes(self) -> str:
        following = self.text[self.position + 1 : self.position + 2]
        if following in ("\\", '"') and following:
            self.position += 2
            return following
        found = self._white_space_or_unicode()
        if found is None:
            self.position += 1
            return "\\"
        return found

    def _unquoted(self) -> Literal | Pattern | None:
        place = self.here()
        parts, pieces = [], list[str]()
        while self.position < self.end and not (self.position == place.offset and self.at_negation()):
            if found := _PLAIN.match(self.text, self.position):
                pieces.append(found[0])
                self.position = found.end()
            elif found := _BLANKS.match(self.text, self.position):
                if _KEYWORD.match(self.text, found.end()):
                    break
                pieces.append(found[0])
                self.position = found.end()
            elif self.takes("*"):
                parts.append("".join(pieces))
                pieces = []
            elif self.next == "\\":
                pieces.append(self._escape())
            else:
                break
        if self.position == place.offset:
            return None
        return _literal_of([*parts, "".join(pieces)], place)

    def _escape(self) -> str:
        if found := _ESCAPED_WORD.match(self.text, self.position):
            self.position = found.end()
            return found[1]
        following = self.text[self.position + 1 : self.position + 2]
        if following in _SPECIAL:
            self.position += 2
            return following
        escaped = self._white_space_or_unicode()
        if escaped is None:
            raise self.here().error(
                r"a backslash stands before one of \ ( ) : < > \" * { } or t, r, n, uXXXX, and, or, not. "
                r"Write \\ for a backslash"
            )
        return escaped

    def _white_space_or_unicode(self) -> str | None:
        white_space = _WHITE_SPACE.get(self.text[self.position + 1 : self.position + 2])
        if white_space:
            self.position += 2
            return white_space
        place = self.here()
        units = ""
        while found := _UNICODE.match(self.text, self.position):
            units += chr(int(found[1], 16))
            self.position = found.end()
        try:
            return units.encode("utf-16", "surrogatepass").decode("utf-16") or None
        except UnicodeDecodeError:
            raise place.error("half of a surrogate pair is no character", (r"\uD83D\uDE00 in two halves",)) from None


def _literal_of(parts: list[str], place: Place) -> Literal | Pattern:
    """The blanks at both ends do not count, and wildcards side by side are one."""
    if len(parts) == 1:
        text = parts[0].strip(BLANKS)
        if not text:
            raise place.error('an empty value. Write "" for it')
        return Literal(text, place=place)
    first, last = parts[0].lstrip(BLANKS), parts[-1].rstrip(BLANKS)
    return Pattern((first, *filter(None, parts[1:-1]), last), place=place)
