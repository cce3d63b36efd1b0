"""Dictionaries of the translate filter: written in the configuration, or read from a file and read again when due."""

from __future__ import annotations

import csv
import json
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from logging_pipeline.logstash_engine.events.fields import MISSING
from logging_pipeline.logstash_engine.regexes import compile_regex
from logging_pipeline.logstash_engine.regexes.remembering import remembering

__all__ = ["Dictionary", "DictionaryError"]


class DictionaryError(Exception):
    """The file cannot be read or holds no dictionary."""


class Dictionary:
    """
    Texts and what each is translated to.

    Args:
        entries: from the configuration.
        path: a ``.yml``, ``.yaml``, ``.json`` or ``.csv`` file instead.
        refresh_s: look whether the file has changed after this many seconds; 0 or less for never.
        merge: keep entries that a newer file no longer has.

    Raises:
        DictionaryError: the file cannot be read at first; later the entries stay as they are.
    """

    def __init__(self, entries: Mapping[str, Any], *, path: Path | None, refresh_s: float, merge: bool) -> None:
        self._entries = dict(entries)
        self._path = path
        self._refresh_s = refresh_s
        self._merge = merge
        self._modified_ns = 0
        self._due = 0.0
        self._search: Callable[[str], Any] | None = None
        self._union: re.Pattern[str] | None = None
        if path is not None:
            self._read(path)

    @property
    def getter(self) -> Callable[[str], Any]:
        """The quickest function that does what `get` does."""
        if self._path is not None:
            return self.get
        find = self._entries.get
        return lambda text: find(text, MISSING)

    def get(self, text: str) -> Any:
        """What *text* itself is translated to, or MISSING."""
        self._refresh()
        return self._entries.get(text, MISSING)

    def match(self, text: str) -> Any:
        """The entry of the first key that, as a regular expression, matches *text*; or MISSING."""
        self._refresh()
        if self._search is None:
            self._search = remembering(_first_match(self._entries))
        return self._search(text)

    def replace(self, text: str) -> Any:
        """*text* with every key in it replaced; MISSING if there is none."""
        self._refresh()
        if self._union is None:
            self._union = re.compile("|".join(map(re.escape, self._entries)) or r"(?!)")
        changed = self._union.sub(lambda match: str(self._entries[match[0]]), text)
        return MISSING if changed == text else changed

    def _refresh(self) -> None:
        if self._path is None or self._refresh_s <= 0 or time.monotonic() < self._due:
            return
        try:
            self._read(self._path)
        except DictionaryError:
            self._due = time.monotonic() + self._refresh_s  # the entries of before are better than none

    def _read(self, path: Path) -> None:
        self._due = time.monotonic() + self._refresh_s
        try:
            modified_ns = path.stat().st_mtime_ns
            if modified_ns == self._modified_ns:
                return
            entries = _READERS[path.suffix.lower()](path)
        except KeyError:
            raise DictionaryError(f"{path} is neither .yml, .yaml, .json nor .csv") from None
        except (OSError, ValueError, yaml.YAMLError, csv.Error) as error:
            raise DictionaryError(f"the dictionary {path} cannot be read: {error}") from None
        self._modified_ns = modified_ns
        self._entries = {**self._entries, **entries} if self._merge else entries
        self._search = self._union = None


def _first_match(entries: Mapping[str, Any]) -> Callable[[str], Any]:
    searches = [(compile_regex(key).search, value) for key, value in entries.items()]

    def find(text: str) -> Any:
        return next((value for search, value in searches if search(text) is not None), MISSING)

    return find


def _read_yaml(path: Path) -> dict[str, Any]:
    return _checked(yaml.safe_load(path.read_text("utf-8")) or {})


def _read_json(path: Path) -> dict[str, Any]:
    return _checked(json.loads(path.read_text("utf-8")))


def _read_csv(path: Path) -> dict[str, Any]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row[0]: row[1] for row in csv.reader(file) if len(row) >= 2}


def _checked(entries: Any) -> dict[str, Any]:
    if not isinstance(entries, dict):
        raise ValueError("it holds no keys and values")
    return {str(key): value for key, value in entries.items()}


_READERS = {".yml": _read_yaml, ".yaml": _read_yaml, ".json": _read_json, ".csv": _read_csv}
