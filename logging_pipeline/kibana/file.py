"""A file that somebody wants to import: read, checked, and admitted or not."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from logging_pipeline.kibana.admission import MAX_FILE_BYTES, MAX_OBJECTS, refused
from logging_pipeline.kibana.saved_objects import SavedObject, read
from logging_pipeline.kibana.validate import FieldsOf, validate

__all__ = ["ImportFile", "read_file"]


@dataclass(frozen=True, slots=True)
class ImportFile:
    """
    What is in a file.

    Args:
        objects: empty when there are problems.
        problems: why it is not imported, in the order of its lines.
    """

    objects: tuple[SavedObject, ...]
    problems: tuple[str, ...]


def read_file(
    content: bytes, name: str, fields_of: FieldsOf = lambda _title: None, link_hosts: Collection[str] = ()
) -> ImportFile:
    """
    Read *content*, the file *name*.

    What it refers to may be in the space already, and whether a version is too new depends on the Kibana: neither is
    judged here.

    Args:
        fields_of: the fields that the events of a data view have, by the view's title.
        link_hosts: hosts that its objects may link to.
    """
    if not name.endswith(".ndjson"):
        return ImportFile((), ("Kibana takes files that end in .ndjson",))
    if len(content) > MAX_FILE_BYTES:
        return ImportFile((), (f"{len(content)} bytes are more than {MAX_FILE_BYTES}",))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return ImportFile((), (f"is not UTF-8: {error.reason} at byte {error.start}",))
    lines = sum(not line.isspace() for line in content.splitlines())
    if lines > MAX_OBJECTS + 1:  # the last may be the summary
        return ImportFile((), (f"{lines} lines are more than {MAX_OBJECTS} objects: import them in parts",))
    problems = [str(each) for each in validate(text, fields_of) if each.kind == "wrong"]
    if problems:
        return ImportFile((), tuple(problems))
    objects = read(text)
    refusals = refused(objects, link_hosts)
    return ImportFile(() if refusals else tuple(objects), tuple(refusals))
