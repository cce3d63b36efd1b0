"""What a page can be changed to by one click, as links; above all the ranges of the time picker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from logging_pipeline.console.problems import BadParameter
from logging_pipeline.console.timerange import RELATIVE, TimeRange

__all__ = ["REFRESH", "Choice", "ranges", "refresh_every"]

# How often a page may read itself again: the parameter's value, and words.
REFRESH: tuple[tuple[str, str], ...] = (
    ("", "Refresh: off"),
    ("10s", "every 10 s"),
    ("30s", "every 30 s"),
    ("1m", "every minute"),
    ("5m", "every 5 min"),
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A link that changes one thing of the page; *chosen* when it is so already."""

    name: str
    title: str
    link: str
    chosen: bool


def ranges(time: TimeRange, link: Callable[[TimeRange], str]) -> list[Choice]:
    """The relative ranges for ``time_picker.html``; *link* says where the page with another time is."""
    return [
        Choice(label, words, link(replace(time, start_text=text, end_text="now")), time.words == words)
        for text, label, words in RELATIVE
    ]


def refresh_every(text: str) -> str:
    """
    Read the parameter ``refresh``.

    Raises:
        BadParameter: it is none of `REFRESH`.
    """
    known = [value for value, _words in REFRESH]
    if text not in known:
        raise BadParameter("refresh", f"{text[:60]!r} is no interval", f"Choose from {', '.join(filter(None, known))}")
    return text
