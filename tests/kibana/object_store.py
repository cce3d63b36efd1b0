"""
Saved objects as Kibana keeps, imports and exports them, its traps included.

Written after Kibana's own behaviour (elastic/kibana, saved objects import and export, 8.19 and 9.x):

* an object's id is unique over all spaces; a copy in another space gets a random id and remembers its origin;
* one conflict or missing reference, and nothing is written, though successes are listed and counted;
* only references to data views and saved searches are looked at, and no JSON inside texts;
* one absent object fails a whole export;
* what is imported is migrated: versions rise, saved searches move into tabs.
"""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Item = dict[str, Any]
Key = tuple[str, str]

SINGLE = frozenset({"tag"})  # ids of these are unique within a space only
CHECKED_REFERENCES = ("index-pattern", "search")
RESOLVABLE = ("conflict", "ambiguous_conflict", "missing_references")
NEWEST_OF_8 = {"dashboard": 3, "index-pattern": 0, "lens": 1, "map": 0, "search": 5, "tag": 0, "visualization": 0}
NEWEST_OF_9 = {**NEWEST_OF_8, "search": 9}  # as an export of 9.2.3 has them
NEWEST_LATER = {**NEWEST_OF_8, "dashboard": 4, "lens": 2, "search": 13}
KEEPS_OLD_NUMBERS = {"index-pattern": "8.0.0", "map": "8.4.0", "tag": "8.0.0", "visualization": "8.5.0"}


class Refused(Exception):
    """A request that Kibana answers with another status than 200."""

    def __init__(self, status: int, message: str, attributes: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.attributes = attributes


@dataclass
class ObjectStore:
    """All spaces of one Kibana."""

    newest: Mapping[str, int]
    max_objects: int = 10_000
    _stored: dict[tuple[str, str, str], Item] = field(default_factory=dict)  # space ("" for any), type, id
    _writes: int = 0

    def items(self, space: str) -> list[Item]:
        """Everything in *space*."""
        return [each for each in self._stored.values() if space in each["namespaces"]]

    def get(self, space: str, key: Key) -> Item | None:
        """One object, as it is stored."""
        return next((each for each in self.items(space) if (each["type"], each["id"]) == key), None)

    def put(self, space: str, item: Item) -> None:
        """Have *item* there, as if it had always been."""
        self._put({**self._migrated(copy.deepcopy(item)), "namespaces": [space]})

    def edit(self, space: str, key: Key, change: Callable[[Item], None]) -> None:
        """Change attributes as Kibana's editor does: texts written anew, with its defaults and its order of keys."""
        item = self.get(space, key)
        assert item is not None, f"{key} is not in {space}"
        attributes = item["attributes"]
        for name in ("panelsJSON", "optionsJSON"):
            if name in attributes:
                attributes[name] = json.loads(attributes[name])
        for panel in attributes.get("panelsJSON", []):
            panel["version"] = "9.1.0"
            panel["embeddableConfig"] = {**panel["embeddableConfig"], "hidePanelTitles": False}
            if "title" in panel:
                panel["embeddableConfig"]["title"] = panel.pop("title")
        change(attributes)
        for name in ("panelsJSON", "optionsJSON"):
            if name in attributes:
                attributes[name] = json.dumps(_backwards(attributes[name]))
        self._put(item)

    def find(self, space: str, types: Iterable[str], fields: Iterable[str], page: int, per_page: int) -> Item:
        """The body of ``_find``."""
        wanted, names = set(types), set(fields)
        found = [each for each in self.items(space) if each["type"] in wanted]
        rows = copy.deepcopy(found[(page - 1) * per_page : page * per_page])
        for row in rows:
            row["attributes"] = {name: value for name, value in row["attributes"].items() if name in names}
            row["score"] = 0
        return {"page": page, "per_page": per_page, "total": len(found), "saved_objects": rows}

    def export(self, space: str, keys: list[Key], *, deep: bool, details: bool) -> list[Item]:
        """The lines of ``_export``; one absent object fails it."""
        for kind, name in keys:
            if kind not in self.newest:
                raise Refused(400, f"Trying to export object(s) with non-exportable types: {kind}:{name}")
        absent = [_absent(key) for key in keys if self.get(space, key) is None]
        if absent:
            raise Refused(400, "Error fetching objects to export", {"objects": absent})
        found: dict[Key, Item] = {}
        missing: list[Item] = []
        waiting = list(keys)
        while waiting:
            key = waiting.pop(0)
            item = self.get(space, key)
            if key in found:
                continue
            if item is None:
                missing.append({"id": key[1], "type": key[0]})
                continue
            found[key] = {name: value for name, value in copy.deepcopy(item).items() if name != "namespaces"}
            if deep:
                waiting += [(each["type"], each["id"]) for each in item["references"]]
        summary = {
            "exportedCount": len(found),
            "missingRefCount": len(missing),
            "missingReferences": missing,
            "excludedObjectsCount": 0,
            "excludedObjects": [],
        }
        return [*found.values(), *([summary] if details else [])]

    def delete(self, space: str, key: Key) -> None:
        """``DELETE``; 404 when it is not in this space."""
        if self.get(space, key) is None:
            raise Refused(404, f"Saved object [{key[0]}/{key[1]}] not found")
        del self._stored[self._address(space, key)]

    def import_(
        self,
        space: str,
        items: list[Item],
        *,
        overwrite: bool = False,
        new_copies: bool = False,
        retries: list[Item] | None = None,
    ) -> Item:
        """The body of ``_import``, and with *retries* that of ``_resolve_import_errors``."""
        if len(items) > self.max_objects:
            raise Refused(400, f"Can't import more than {self.max_objects} objects")
        keys = [(each["type"], each["id"]) for each in items]
        doubled = sorted({f"{kind}:{name}" for kind, name in keys if keys.count((kind, name)) > 1})
        if doubled:
            raise Refused(400, f"Non-unique import objects detected: [{','.join(doubled)}]")
        ways = {(each["type"], each["id"]): each for each in retries or []}
        if retries is not None:
            items = [each for each in items if (each["type"], each["id"]) in ways]
        errors: list[Item] = []
        items = [self._with_references(each, ways.get((each["type"], each["id"]), {})) for each in items]
        unsupported = [each for each in items if each["type"] not in self.newest]
        errors += [_error(each, {"type": "unsupported_type"}) for each in unsupported]
        items = [each for each in items if each["type"] in self.newest]
        errors += self._missing(space, items, ways)
        destinations, overwritten = self._conflicts(space, items, ways, errors, overwrite, new_copies)
        failed = {(each["type"], each["id"]) for each in errors}
        wanted = [each for each in items if (each["type"], each["id"]) not in failed]
        migrated = [self._migrated(each) for each in wanted]
        if not any(each["error"]["type"] in RESOLVABLE for each in errors):
            for each in migrated:
                self._import_one(space, each, destinations, new_copies)
        return _answer(wanted, errors, destinations, overwritten)

    def _with_references(self, item: Item, way: Item) -> Item:
        moved = {(each["type"], each["from"]): each["to"] for each in way.get("replaceReferences", [])}
        references = [
            {**each, "id": moved.get((each["type"], each["id"]), each["id"])} for each in item.get("references", [])
        ]
        return {**copy.deepcopy(item), "references": references}

    def _missing(self, space: str, items: list[Item], ways: Mapping[Key, Item]) -> list[Item]:
        own = {(each["type"], each["id"]) for each in items}
        errors = []
        for each in items:
            if ways.get((each["type"], each["id"]), {}).get("ignoreMissingReferences"):
                continue
            absent = [
                {"type": kind, "id": name}
                for kind, name in dict.fromkeys((r["type"], r["id"]) for r in each["references"])
                if kind in CHECKED_REFERENCES and (kind, name) not in own and not self._origins(space, kind, name)
            ]
            if absent:
                errors.append(_error(each, {"type": "missing_references", "references": absent}))
        return errors

    def _conflicts(
        self,
        space: str,
        items: list[Item],
        ways: Mapping[Key, Item],
        errors: list[Item],
        overwrite: bool,
        new_copies: bool,
    ) -> tuple[dict[Key, str], set[Key]]:
        destinations: dict[Key, str] = {}
        overwritten: set[Key] = set()
        own = {(each["type"], each["id"]) for each in items}
        for each in items:
            key = (each["type"], each["id"])
            way = ways.get(key, {})
            if new_copies:
                destinations[key] = str(uuid.uuid4())
                continue
            target = way.get("destinationId", each["id"])
            replaces = overwrite or way.get("overwrite", False)
            if target != each["id"]:
                destinations[key] = target
            if self.get(space, (each["type"], target)):
                if replaces:
                    overwritten.add(key)
                else:
                    errors.append(_error(each, {"type": "conflict"}))
            elif self._elsewhere(each["type"], target):
                destinations[key] = str(uuid.uuid4())
            if key in overwritten or "destinationId" in way or each["type"] in SINGLE:
                continue
            if self.get(space, (each["type"], target)):
                continue
            others = [
                found
                for found in self._origins(space, each["type"], each.get("originId") or each["id"])
                if (found["type"], found["id"]) not in own
            ]
            if len(others) == 1 and replaces:
                destinations[key] = others[0]["id"]
                overwritten.add(key)
            elif len(others) == 1:
                errors.append(_error(each, {"type": "conflict", "destinationId": others[0]["id"]}))
            elif others:
                listed = [
                    {"id": found["id"], "title": found["attributes"].get("title"), "updatedAt": found["updated_at"]}
                    for found in others
                ]
                errors.append(_error(each, {"type": "ambiguous_conflict", "destinations": listed}))
        return destinations, overwritten

    def _origins(self, space: str, kind: str, name: str) -> list[Item]:
        return [
            each for each in self.items(space) if each["type"] == kind and name in (each["id"], each.get("originId"))
        ]

    def _elsewhere(self, kind: str, name: str) -> bool:
        return kind not in SINGLE and ("", kind, name) in self._stored

    def _migrated(self, item: Item) -> Item:
        kind = item["type"]
        given = str(item.get("typeMigrationVersion") or (item.get("migrationVersion") or {}).get(kind) or "0.0.0")
        newest = f"10.{self.newest[kind]}.0" if self.newest[kind] else KEEPS_OLD_NUMBERS.get(kind, "8.0.0")
        if _number(given) > _number(newest):
            raise Refused(
                422,
                f'Document "{item["id"]}" belongs to a more recent version of Kibana [{given}] '
                f"when the last known version is [{newest}].",
            )
        attributes = dict(item["attributes"])
        if kind == "search" and self.newest["search"] >= 6 and "tabs" not in attributes:
            inside = {n: v for n, v in attributes.items() if n not in ("title", "description", "hits", "version")}
            attributes["tabs"] = [{"id": str(uuid.uuid4()), "label": "Untitled", "attributes": inside}]
        if kind == "search" and self.newest["search"] >= 13:
            attributes = {n: attributes[n] for n in ("title", "description", "tabs") if n in attributes}
        kept = {name: value for name, value in item.items() if name not in ("version", "migrationVersion")}
        return {
            **kept,
            "attributes": attributes,
            "coreMigrationVersion": "8.8.0",
            "typeMigrationVersion": newest,
            "managed": bool(item.get("managed")),
        }

    def _import_one(self, space: str, item: Item, destinations: Mapping[Key, str], new_copies: bool) -> None:
        key = (item["type"], item["id"])
        for each in item["references"]:
            each["id"] = destinations.get((each["type"], each["id"]), self._only_origin(space, each))
        if key in destinations:
            if not new_copies:
                item["originId"] = item.get("originId") or item["id"]
            item["id"] = destinations[key]
        self._put({**item, "namespaces": [space]})

    def _only_origin(self, space: str, reference: Item) -> str:
        name: str = reference["id"]
        found = self._origins(space, reference["type"], name)
        return found[0]["id"] if len(found) == 1 else name

    def _put(self, item: Item) -> None:
        self._writes += 1
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        item.update(updated_at=now, version=f"Wz{self._writes}LDFd", created_at=item.get("created_at", now))
        self._stored[self._address(item["namespaces"][0], (item["type"], item["id"]))] = item

    @staticmethod
    def _address(space: str, key: Key) -> tuple[str, str, str]:
        return (space if key[0] in SINGLE else "", *key)


def _absent(key: Key) -> Item:
    message = f"Saved object [{key[0]}/{key[1]}] not found"
    return {"type": key[0], "id": key[1], "error": {"statusCode": 404, "error": "Not Found", "message": message}}


def _error(item: Item, error: Item) -> Item:
    title = item["attributes"].get("title")
    return {"id": item["id"], "type": item["type"], "meta": {"title": title}, "error": error}


def _answer(written: list[Item], errors: list[Item], destinations: Mapping[Key, str], overwritten: set[Key]) -> Item:
    results = []
    for each in written:
        key = (each["type"], each["id"])
        result = {"type": key[0], "id": key[1], "meta": {"title": each["attributes"].get("title")}, "managed": False}
        if key in overwritten:
            result["overwrite"] = True
        if key in destinations:
            result["destinationId"] = destinations[key]
        results.append(result)
    answer: Item = {"successCount": len(results), "success": not errors, "warnings": []}
    if results:
        answer["successResults"] = results
    if errors:
        answer["errors"] = errors
    return answer


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _backwards(value: Any) -> Any:
    """Keys in another order."""
    if isinstance(value, list):
        return [_backwards(each) for each in value]
    if isinstance(value, dict):
        return {name: _backwards(value[name]) for name in sorted(value, reverse=True)}
    return value
