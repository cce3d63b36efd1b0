"""What an import would change in a space; reads only."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from logging_pipeline.kibana.admission import TYPES
from logging_pipeline.kibana.client import Kibana
from logging_pipeline.kibana.comparison import Difference, compare
from logging_pipeline.kibana.places import Places, places
from logging_pipeline.kibana.saved_objects import Key, SavedObject, key_of

__all__ = ["Plan", "survey"]


@dataclass(frozen=True)
class Plan:
    """
    What an import would change.

    Args:
        kibana: its version.
        objects: of the file.
        differences: an entry for each of them, in their order.
        places: where they are in the space.
        missing: what they refer to that is neither in the file nor in the space, and who does.
        listed: keys of the space, of the types that are known here.
    """

    kibana: str
    objects: tuple[SavedObject, ...]
    differences: tuple[Difference, ...]
    places: Places
    missing: tuple[tuple[Key, Key], ...]
    listed: frozenset[Key]

    @property
    def pending(self) -> tuple[Difference, ...]:
        """Those that are new or changed."""
        return tuple(each for each in self.differences if each.state != "same")

    @cached_property
    def digest(self) -> str:
        """The same as long as file and space would lead to the same import."""
        return digest_of(self.objects, self.differences, self.missing)


def survey(kibana: Kibana, objects: Sequence[SavedObject], chosen: Mapping[Key, str] | None = None) -> Plan:
    """
    Hold *objects* to what the space has.

    Args:
        chosen: the id to replace, for objects of which several in the space could be.

    Raises:
        KibanaError: it does not answer, is no Kibana that this can use, has no such space, or a choice is open.
    """
    version = kibana.version()
    kibana.look_for_space()
    listed = kibana.found(TYPES)
    found = places(objects, listed, chosen or {})
    stored = {key_of(each): each for each in kibana.export(sorted(found.there))} if found.there else {}
    return Plan(
        kibana=version,
        objects=tuple(objects),
        differences=compare(objects, stored, found.renamed),
        places=found,
        missing=tuple(_missing(objects, listed)),
        listed=frozenset(map(key_of, listed)),
    )


def digest_of(objects: Iterable[SavedObject], differences: Iterable[Difference], more: Any = ()) -> str:
    """A short text that changes with any of them."""
    whole = [list(objects), [asdict(each) for each in differences], more]
    return hashlib.sha256(json.dumps(whole, sort_keys=True, default=str).encode("utf-8", "surrogatepass")).hexdigest()


def _missing(objects: Iterable[SavedObject], listed: Iterable[Mapping[str, Any]]) -> Iterable[tuple[Key, Key]]:
    """Kibana itself looks for data views and saved searches only."""
    present = {key_of(each) for each in (*objects, *listed)}
    present |= {Key(str(each["type"]), str(each["originId"])) for each in listed if each.get("originId")}
    for each in objects:
        for reference in dict.fromkeys(map(key_of, each.get("references") or ())):
            if reference.type in TYPES and reference not in present:
                yield reference, key_of(each)
