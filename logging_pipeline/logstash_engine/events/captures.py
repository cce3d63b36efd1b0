"""
Generates the function that stores what the groups of a match captured, one for each expression.

An event that is matched has seldom any of the fields already. Then nothing but what the function makes itself can be
on the way to a field, and it writes them as a person would; for ``[url][path]``, ``[http][method]`` and
``[http][version]``::

    g0, g1, g2 = groups
    hash_1 = None
    if g0:
        event['url'] = {'path': g0}
    if g1:
        hash_1 = {'method': g1}
        event['http'] = hash_1
    if g2:
        if hash_1 is None:
            hash_1 = {'version': g2}
            event['http'] = hash_1
        else:
            hash_1['version'] = g2

Any other event has every field looked for on its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from logging_pipeline.logstash_engine.events.fields import MISSING, Event, Path
from logging_pipeline.logstash_engine.events.statements import descend

__all__ = ["Store", "generate_store"]

_INDENT = "    "


class Store(NamedTuple):
    """
    What becomes of one group.

    *extend* puts a value where there is one already, and is used wherever *path* does not lead through hashes;
    *replaces* says that the value takes the place of what is there.
    """

    group: int
    path: Path
    coerce: Callable[[str], Any] | None
    replaces: bool
    extend: Callable[[Event, Any], None]


def generate_store(stores: Sequence[Store], groups: int) -> Callable[[Event, tuple[str | None, ...]], None]:
    """A function that stores the *groups* of a match, the empty texts left out, in the order of *stores*."""
    names: dict[str, Any] = {"MISSING": MISSING}
    names |= {f"extend_{store.group}": store.extend for store in stores}
    names |= {f"coerce_{store.group}": store.coerce for store in stores if store.coerce is not None}
    unpacked = "".join(f"g{group}, " for group in range(groups))
    lines = ["def store(event, groups):", f"    {unpacked}= groups" if groups else "    pass"]
    if _are_apart([store.path for store in stores]):
        new = [f"{top!r} not in event" for top in _tops(stores)]
        lines += [f"    if {' and '.join(new) or 'True'}:", *_indented(_all_new(stores), 2), "        return"]
    for store in stores:
        lines += _indented(_captured(store, _one_by_one(store)), 1)
    exec(compile("\n".join([*lines, "    return"]), "<captures>", "exec"), names)  # noqa: S102 - our own source; keys are in it as literals
    function: Callable[[Event, tuple[str | None, ...]], None] = names["store"]
    return function


def _are_apart(paths: list[Path]) -> bool:
    """Whether no two of *paths* are the same and none leads through another."""
    beginnings = {path[:depth] for path in paths for depth in range(1, len(path))}
    return len(set(paths)) == len(paths) and beginnings.isdisjoint(paths)


def _tops(stores: Sequence[Store]) -> list[str]:
    """The fields that must not be there yet for the short way."""
    return list(dict.fromkeys(store.path[0] for store in stores if len(store.path) > 1 or not store.replaces))


def _captured(store: Store, lines: list[str]) -> list[str]:
    value = f"g{store.group}"
    if store.coerce is None:
        return [f"if {value}:", *_indented(lines, 1)]
    return [f"if {value} is not None:", f"    {value} = coerce_{store.group}({value})", *_indented(lines, 1)]


def _all_new(stores: Sequence[Store]) -> list[str]:
    """The short way. A hash that several stores share has a variable."""
    sharing = Counter(store.path[:depth] for store in stores for depth in range(1, len(store.path)))
    shared = {path: f"hash_{number}" for number, path in enumerate([p for p in sharing if sharing[p] > 1], 1)}
    made: set[Path] = set()

    def put(path: Path, value: str) -> list[str]:
        *above, key = path
        holder = tuple(above)
        if not holder:
            return [f"event[{key!r}] = {value}"]
        display, variable = f"{{{key!r}: {value}}}", shared.get(holder)
        if variable is None:
            return put(holder, display)
        making = [f"{variable} = {display}", *put(holder, variable)]
        if holder not in made:
            return making
        return [f"if {variable} is None:", *_indented(making, 1), "else:", f"    {variable}[{key!r}] = {value}"]

    lines = [f"{variable} = None" for variable in shared.values()]
    for store in stores:
        lines += _captured(store, put(store.path, f"g{store.group}"))
        made.update(store.path[:depth] for depth in range(1, len(store.path)))
    return lines


def _one_by_one(store: Store) -> list[str]:
    value, last = f"g{store.group}", store.path[-1]
    extend = f"extend_{store.group}(event, {value})"

    def found(holder: str) -> list[str]:
        put = f"{holder}[{last!r}] = {value}"
        if store.replaces:
            return [put]
        return [f"if {holder}.get({last!r}) is None:", f"    {put}", "else:", f"    {extend}"]

    return descend(store.path, found, extend, value)


def _indented(lines: list[str], levels: int) -> list[str]:
    return [_INDENT * levels + line for line in lines]
