"""What the name of a field in a query means in a contract: the one field, or all that a pattern covers."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from functools import lru_cache

from logging_pipeline.contract import Contract
from logging_pipeline.kql.conditions import Target
from logging_pipeline.kql.syntax import Literal, Pattern, Place

__all__ = ["NUMERIC_LABELS", "Names", "names_of"]

NUMERIC_LABELS = "numeric_labels"
MAX_PARTS = 20  # of the name of a numeric label; deeper than any producer nests
_SEARCHED_BY_DEFAULT = frozenset({"keyword", "text", "flattened", "long", "double", "ip"})


@lru_cache(maxsize=64)  # a dashboard's panels have dozens of queries over a few contracts, which never change
def names_of(contract: Contract) -> Names:
    """The names of *contract*, made once."""
    return Names(contract)


class Names:
    """The fields of *contract*, with `NUMERIC_LABELS`, which every category has and no contract names."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        fields = contract.fields.values()
        self._targets = {f.name: Target(f.name, f.type, tuple(f.name.split("."))) for f in fields}
        self._flattened = tuple(f.name for f in fields if f.type == "flattened")
        self._all_numeric = Target(f"{NUMERIC_LABELS}.*", "double", (NUMERIC_LABELS,))

    def resolve(self, name: Literal | Pattern, path: str) -> tuple[Target, ...]:
        """
        The fields that *name*, below *path* (empty or ending in a dot), stands for; one where it is no pattern.

        Raises:
            KqlError: there is none; with the nearest name that there is.
        """
        if isinstance(name, Literal):
            return (self._one(path + name.text, name.place),)
        parts = (path + name.parts[0], *name.parts[1:])
        written = "*".join(parts)
        for root in self._flattened:
            if written.startswith(f"{root}.") and written != f"{root}.*":
                raise name.place.error(
                    f"the keys below {root} cannot be searched by pattern. Name one, or search all of them: {root}"
                )
        pattern = re.compile(".*".join(map(re.escape, parts)), re.DOTALL)
        found = [t for t in self._targets.values() if pattern.fullmatch(t.name)]
        found += [self._targets[root] for root in self._flattened if written == f"{root}.*"]
        if written.startswith(f"{NUMERIC_LABELS}."):
            found.append(Target(written, "double", (NUMERIC_LABELS,)))
        elif pattern.fullmatch(NUMERIC_LABELS) or pattern.fullmatch(f"{NUMERIC_LABELS}."):
            found.append(self._all_numeric)
        if not found:
            raise name.place.error(f"no field is called like {written}")
        return tuple(dict.fromkeys(found))

    def default(self, path: str, chosen: Iterable[str] | None) -> tuple[Target, ...]:
        """Where, below *path*, a value without a field is searched: in *chosen*, else wherever it can be."""
        if chosen is not None:
            return tuple(t for t in (self._one(name, Place()) for name in chosen) if t.name.startswith(path))
        found = [t for t in self._targets.values() if t.type in _SEARCHED_BY_DEFAULT and t.name.startswith(path)]
        return (*found, *([self._all_numeric] if self._all_numeric.name.startswith(path) else []))

    def _one(self, name: str, place: Place) -> Target:
        if target := self._targets.get(name):
            return target
        if name == NUMERIC_LABELS:
            return self._all_numeric
        root, _, key = name.partition(".")
        if key and key.isprintable():
            if root in self._flattened:
                return Target(name, "flattened", (root,), key)
            if root == NUMERIC_LABELS and all(key.split(".")) and key.count(".") < MAX_PARTS:
                return Target(name, "double", tuple(name.split(".")))
        raise place.error(f"there is no field {_short(name)!r}. {self._cure(name)}")

    def _cure(self, name: str) -> str:
        before, _, last = name.rpartition(" ")
        if before and last in self._targets:
            return f"Write `and` before {last}"
        if any(known.startswith(f"{name}.") for known in self._targets):
            return f"It is an object: name a field in it, or all of them: {name}.*"
        aliases = {alias: f.name for known in self._contract.aliases.values() for alias, f in known.items()}
        near = difflib.get_close_matches(name[:100], [*self._targets, *aliases], n=1, cutoff=0.6)
        if not near:
            return "What the contract does not name is below labels. and numeric_labels."
        return f"Did you mean {aliases.get(near[0], near[0])}?"


def _short(name: str) -> str:
    return name if len(name) <= 80 else f"{name[:80]}…"
