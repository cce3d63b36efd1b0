"""
What is wrong with an export of saved objects, before Kibana is asked to import it.

Kibana's import looks at references to data views and searches only, never into the JSON that attributes hold as text,
and answers 200 when it wrote nothing. This looks at everything that a dashboard needs, and accepts what it cannot
judge: objects of types that it does not know.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from logging_pipeline.kibana.embedded_panels import panel_problems
from logging_pipeline.kibana.stringified import loaded, stringified, told

__all__ = ["FieldsOf", "Problem", "validate", "validate_file"]

FieldsOf = Callable[[str], Collection[str] | None]  # the title of a data view → its fields, None: unknown

MAX_BYTES = 26_214_400  # Kibana's savedObjects.maxImportPayloadBytes

# The newest typeMigrationVersion that Kibana 8.19 takes; a newer one is answered with 422 (9.2.3 has search 10.9.0).
NEWEST = {
    "dashboard": (10, 3, 0),
    "index-pattern": (8, 0, 0),
    "lens": (10, 1, 0),
    "search": (10, 5, 0),
    "tag": (8, 0, 0),
    "visualization": (8, 5, 0),
}
CORE_NEWEST = (8, 8, 0)

# Types whose objects an export must bring along; others (a connector, a map's own layers) may be there already.
CARRIED = frozenset({"dashboard", "index-pattern", "lens", "map", "search", "tag", "visualization"})


TOLD_LINES = 5  # that are not JSON; of a file that is something else altogether, a few will do

Kind = Literal["wrong", "elsewhere", "newer"]


@dataclass(frozen=True, slots=True)
class Problem:
    """
    What is wrong: *line* of the file (from 1; 0: all of it), *where* in the object, *says* what.

    Args:
        kind: ``elsewhere``: it is not in the file, and may be in Kibana; ``newer``: 8.19 does not take it, 9.x may.
    """

    line: int
    object: str
    where: str
    says: str
    kind: Kind = "wrong"

    def __str__(self) -> str:
        place = ": ".join(filter(None, (f"line {self.line}" if self.line else "the file", self.object, self.where)))
        return f"{place}: {self.says}"


def validate_file(file: Path, fields_of: FieldsOf = lambda _title: None) -> list[Problem]:
    """Everything that is wrong with *file*, in the order of its lines."""
    size = file.stat().st_size
    problems = []
    if file.suffix != ".ndjson":
        problems.append(Problem(0, "", "", f"Kibana takes files that end in .ndjson, not {file.suffix or 'this'}"))
    if size > MAX_BYTES:
        return [*problems, Problem(0, "", "", f"{size} bytes are more than Kibana's import takes ({MAX_BYTES})")]
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        return [*problems, Problem(0, "", "", f"is not UTF-8: {error}")]
    return [*problems, *validate(text, fields_of)]


def validate(text: str, fields_of: FieldsOf = lambda _title: None) -> list[Problem]:
    """
    Everything that is wrong with an export, NDJSON.

    Args:
        fields_of: the fields that the events of a data view have, by the view's title.
    """
    try:
        return _validate(text, fields_of)
    except RecursionError:
        return [Problem(0, "", "", "is nested too deeply")]


def _validate(text: str, fields_of: FieldsOf) -> list[Problem]:
    found: list[tuple[int, dict[str, Any]]] = []
    problems: list[Problem] = []
    strange = 0
    for number, line in enumerate(text.split("\n"), 1):  # `splitlines` ends lines within JSON, at U+2028 and others
        if not line.strip():
            continue
        try:
            item = loaded(line)
        except ValueError as error:
            strange += 1
            if strange <= TOLD_LINES:
                problems.append(Problem(number, "", "", f"is not JSON: {told(error)}"))
            continue
        if isinstance(item, dict) and "exportedCount" in item:
            continue  # the summary that Kibana writes as the last line
        if not _is_object(item):
            problems.append(Problem(number, "", "", "is no saved object: it needs id, type and attributes"))
            continue
        found.append((number, item))
    if strange > TOLD_LINES:
        problems.append(Problem(0, "", "", f"has {strange - TOLD_LINES} more lines that are not JSON"))
    if not found and not problems:
        problems.append(Problem(0, "", "", "holds no saved object"))
    present = Counter((item["type"], item["id"]) for _number, item in found)
    views = {
        item["id"]: str(item["attributes"].get("title", "")) for _n, item in found if item["type"] == "index-pattern"
    }
    fields = {name: known for name, title in views.items() if (known := fields_of(title)) is not None}
    for number, item in found:
        name = f"{item['type']} {item['id']}"
        problems += (Problem(number, name, *finding) for finding in _object(item, present, fields))
    return problems


def _is_object(item: Any) -> bool:
    return (
        isinstance(item, dict)
        and isinstance(item.get("id"), str)
        and isinstance(item.get("type"), str)
        and isinstance(item.get("attributes"), dict)
    )


Finding = tuple[str, str] | tuple[str, str, Kind]  # where in the object, what is wrong


def _object(
    item: dict[str, Any], present: Counter[tuple[str, str]], fields: dict[str, Collection[str]]
) -> Iterator[Finding]:
    if present[item["type"], item["id"]] > 1:
        yield "id", "stands twice in the file: the last would win"
    yield from _versions(item)
    references = item.get("references", [])
    if not isinstance(references, list) or not all(_is_reference(r) for r in references):
        yield "references", "is not a list of {id, name, type}"
        return
    for name, count in Counter(r["name"] for r in references).items():
        if count > 1:
            yield f"references.{name}", "stands twice"
    for reference in references:
        if reference["type"] in CARRIED and not present[reference["type"], reference["id"]]:
            yield (
                f"references.{reference['name']}",
                f"{reference['type']} {reference['id']} is not in the file",
                "elsewhere",
            )
    whole = item["attributes"]
    for where, says in stringified(whole):
        yield f"attributes.{where}", says
    yield from panel_problems(item, {r["name"]: r for r in references}, fields)


def _is_reference(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(key), str) for key in ("id", "name", "type"))


def _versions(item: dict[str, Any]) -> Iterator[Finding]:
    limits = (("typeMigrationVersion", NEWEST.get(item["type"])), ("coreMigrationVersion", CORE_NEWEST))
    for key, newest in limits:
        given = item.get(key)
        if given is None:
            if item["type"] in NEWEST and not _before_8_8(item):
                yield key, "is missing: Kibana would run every migration on it again"
            continue
        parts = str(given).split(".")
        if len(parts) != 3 or not all(part.isdecimal() for part in parts):
            yield key, f"{given!r} is no version"
        elif newest and tuple(map(int, parts)) > newest:
            says = f"{given} is newer than Kibana 8.19 takes ({'.'.join(map(str, newest))}): it answers 422"
            # Every Kibana from 8.8 on has this core version; types count on in 10.x.
            yield key, says, "newer" if key == "typeMigrationVersion" and parts[0] == "10" else "wrong"


def _before_8_8(item: dict[str, Any]) -> bool:
    """
    Whether a Kibana wrote it that named a type's migrations in ``migrationVersion``, where there had been one.

    No tag had: of those it says from 7.11 on the core's version alone, which is its own.
    """
    core = str(item.get("coreMigrationVersion", "")).split(".")
    older = all(part.isdecimal() for part in core) and tuple(map(int, core)) < CORE_NEWEST
    return "migrationVersion" in item or older
