"""
Which object of a space an object of a file replaces.

The same id, or else one that came from the same object: ids are unique over all spaces, so a copy in a second space has
another id, and remembers the first as its origin (``originId``). Two such copies in one space are for people to decide.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from logging_pipeline.errors import KibanaError
from logging_pipeline.kibana.saved_objects import Key, SavedObject, key_of, title_of

__all__ = ["Places", "places"]


@dataclass(frozen=True, slots=True)
class Places:
    """
    Where the objects of a file are in a space.

    Args:
        there: keys of the space, of the objects that will be replaced.
        renamed: ids in the space, of objects that have another one in the file.
    """

    there: frozenset[Key] = frozenset()
    renamed: Mapping[Key, str] = field(default_factory=dict)


def places(objects: Sequence[SavedObject], listed: Iterable[Mapping[str, Any]], chosen: Mapping[Key, str]) -> Places:
    """
    Find *objects* among those *listed* in the space.

    Args:
        chosen: the id to replace, for objects of which several could be.

    Raises:
        KibanaError: several could be replaced and none is chosen, or what is chosen is not there.
    """
    present: dict[Key, Mapping[str, Any]] = {key_of(each): each for each in listed}
    by_origin: dict[Key, list[Key]] = defaultdict(list)
    for key, each in present.items():
        by_origin[Key(key.type, str(each.get("originId") or key.id))].append(key)
    own = {key_of(each) for each in objects}
    unknown = sorted(set(chosen) - own)
    if unknown:
        raise KibanaError(f"{unknown[0]} is not in the file", "--into takes TYPE:ID=ID with an object of the file")
    there: set[Key] = set()
    renamed: dict[Key, str] = {}
    for each in objects:
        key = key_of(each)
        place = _place(each, present, by_origin, own, chosen.get(key))
        if place is not None:
            there.add(place)
            if place.id != key.id:
                renamed[key] = place.id
    return Places(frozenset(there), renamed)


def _place(
    found: SavedObject,
    present: Mapping[Key, Mapping[str, Any]],
    by_origin: Mapping[Key, Sequence[Key]],
    own: set[Key],
    chosen: str | None,
) -> Key | None:
    key = key_of(found)
    if chosen is not None:
        if Key(key.type, chosen) not in present:
            raise KibanaError(f"{Key(key.type, chosen)} is not there", "--into takes the id of an object of the space")
        return Key(key.type, chosen)
    if key in present:
        return key
    origin = Key(key.type, str(found.get("originId") or key.id))
    candidates = [each for each in by_origin.get(origin, ()) if each not in own]
    if len(candidates) > 1:
        names = ", ".join(f'{each.id} "{title_of(present[each])}"' for each in candidates)
        raise KibanaError(f"{key} could replace any of {names}", f"Choose with --into {key}=ID")
    return candidates[0] if candidates else None
