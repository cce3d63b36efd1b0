"""Save what people made of the dashboards in Kibana's own editor, and show how it differs from what was built."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from logging_pipeline.kibana.admission import TYPES
from logging_pipeline.kibana.client import Kibana
from logging_pipeline.kibana.saved_objects import Key, SavedObject, key_of
from logging_pipeline.kibana.survey import Plan, survey

__all__ = ["Pulled", "pull"]

# What changes with every look at a dashboard, or belongs to one Kibana alone; a repository wants neither.
_OWN_TO_KIBANA = frozenset(
    {"accessControl", "created_at", "created_by", "namespaces", "sort", "updated_at", "updated_by", "version"}
)


@dataclass(frozen=True, slots=True)
class Pulled:
    """
    What Kibana has.

    Args:
        objects: those of the file that are there, those that carry one of its tags, and what they refer to.
        plan: how the file's differ from them; Kibana's values are on the left.
        only_there: tagged objects that the file has not.
    """

    objects: tuple[SavedObject, ...]
    plan: Plan
    only_there: tuple[Key, ...]


def pull(kibana: Kibana, objects: Sequence[SavedObject]) -> Pulled:
    """
    Read the space's version of *objects* and of what was made beside them.

    Raises:
        KibanaError: it does not answer, or has no such space.
    """
    plan = survey(kibana, objects)
    tags = {Key("tag", plan.places.renamed.get(key, key.id)) for key in map(key_of, objects) if key.type == "tag"}
    tagged = {key_of(each) for each in kibana.found(TYPES) if tags & set(map(key_of, each.get("references") or ()))}
    wanted = sorted(plan.places.there | tagged)
    found = kibana.export(wanted, deep=True) if wanted else []
    return Pulled(tuple(_ordered(map(_kept, found))), plan, tuple(sorted(tagged - plan.places.there)))


def _kept(found: SavedObject) -> SavedObject:
    kept = {name: value for name, value in found.items() if name not in _OWN_TO_KIBANA}
    kept["references"] = sorted(kept.get("references") or (), key=lambda each: str(each.get("name", "")))
    return kept


def _ordered(objects: Iterable[SavedObject]) -> list[SavedObject]:
    """By type and id: the same content gives the same file."""
    return sorted(objects, key=key_of)
