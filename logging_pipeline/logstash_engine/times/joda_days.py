"""
The date that fields of a pattern name together, as Joda finds it.

Fields are set one after the other, those of a longer time first; each takes the date to the beginning of its year,
month or week. Then all are set once more, so that the later ones cannot undo the earlier: a week may begin in the
year before.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

__all__ = ["find_day"]

_EPOCH = date(1970, 1, 1)
_SELDOM = frozenset("xwDe")
_RANKS = {"y": 0, "Y": 0, "x": 0, "M": 1, "w": 2, "D": 3, "d": 4, "e": 5, "E": 5}


def find_day(values: dict[str, int], default_year: int, *, has_time: bool) -> date:
    """
    The date of *values*, numbers by the letter of their field; *default_year* stands in where none of them is a year.

    Raises:
        ValueError: there is no such date.
    """
    weekday = values.get("E")
    if _SELDOM.isdisjoint(values) and (weekday is None or ("M" in values and "d" in values)):
        year = values.get("y", values.get("Y", default_year if "M" in values or "d" in values else _EPOCH.year))
        day = date(year, values.get("M", 1), values.get("d", 1))
        return day if weekday is None else _set_weekday(day, weekday)
    fields = [(letter, values[letter]) for letter in sorted(_RANKS.keys() & values, key=list(values).index)]
    fields.sort(key=lambda field: _RANKS[field[0]])
    if _RANKS[fields[0][0]]:
        fields.insert(0, ("y", default_year))
    day = _EPOCH
    for letter, number in fields:
        day = _beginning(letter, _SETTERS[letter](day, number))
    for letter, number in fields:
        day = _SETTERS[letter](day, number)
    return day if has_time else _beginning(fields[-1][0], day)


def _beginning(letter: str, day: date) -> date:
    if letter in "yY":
        return day.replace(month=1, day=1)
    if letter == "M":
        return day.replace(day=1)
    week = {"x": 1, "w": day.isocalendar().week}.get(letter)
    return day if week is None else date.fromisocalendar(day.isocalendar().year, week, 1)


def _set_year(day: date, year: int) -> date:
    return _nearest(year, day.month, day.day)


def _set_month(day: date, month: int) -> date:
    return _nearest(day.year, month, day.day)


def _nearest(year: int, month: int, day: int) -> date:
    """That date, or the last one of its month where that is shorter."""
    following = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, min(day, (following - timedelta(days=1)).day))


def _set_week_year(day: date, year: int) -> date:
    _year, week, weekday = day.isocalendar()
    weeks = date(year, 12, 28).isocalendar().week
    return date.fromisocalendar(year, min(week, weeks), weekday)


def _set_week(day: date, week: int) -> date:
    return date.fromisocalendar(day.isocalendar().year, week, day.isoweekday())


def _set_day_of_year(day: date, number: int) -> date:
    found = date(day.year, 1, 1) + timedelta(days=number - 1)
    if found.year != day.year:
        raise ValueError(f"the year {day.year} has no day {number}")
    return found


def _set_weekday(day: date, weekday: int) -> date:
    return day + timedelta(days=weekday - day.isoweekday())


_SETTERS: dict[str, Callable[[date, int], date]] = {
    "y": _set_year,
    "Y": _set_year,
    "x": _set_week_year,
    "M": _set_month,
    "w": _set_week,
    "D": _set_day_of_year,
    "d": lambda day, number: day.replace(day=number),
    "e": _set_weekday,
    "E": _set_weekday,
}
