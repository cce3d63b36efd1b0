"""An exception as people read it, and as those of one kind are found again."""

from __future__ import annotations

import linecache
from hashlib import blake2b

from logging_pipeline.contract.plain import Fault

__all__ = ["grouping_key", "stack_trace"]

_BETWEEN = {
    "cause": "\nThe above exception was the direct cause of the following exception:\n\n",
    "context": "\nDuring handling of the above exception, another exception occurred:\n\n",
}


def stack_trace(fault: Fault) -> str:
    """The text that Python prints for *fault*, without its carets."""
    before = stack_trace(fault.cause) + _BETWEEN[fault.how] if fault.cause is not None else ""
    lines = ["Traceback (most recent call last):\n"] if fault.frames else []
    for file, line, function in fault.frames:
        lines.append(f'  File "{file}", line {line}, in {function}\n')
        source = linecache.getline(file, line).strip()
        if source:
            lines.append(f"    {source}\n")
    ending = f"{fault.type}: {fault.message}\n" if fault.message else f"{fault.type}\n"
    return before + "".join(lines) + ending


def grouping_key(fault: Fault) -> str:
    """The same for the same fault at the same place, whatever its message and line numbers are."""
    places = [f"{_module_path(file)}:{function}" for file, _, function in fault.frames]
    own = [place for place in places if not place.startswith("<lib>")] or places
    return blake2b("\n".join([fault.type, *own[-8:]]).encode("utf-8", "replace"), digest_size=12).hexdigest()


def _module_path(file: str) -> str:
    for mark in ("/site-packages/", "/lib/python3"):
        if mark in file:
            return "<lib>" + file.rpartition(mark)[2]
    return "/".join(file.rsplit("/", 3)[1:])
