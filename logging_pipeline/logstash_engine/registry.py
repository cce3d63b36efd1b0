"""
Finds plugins: one module each in the folders ``inputs``, ``filters``, ``codecs`` and ``outputs``; the module's name is
the plugin's.
"""

from __future__ import annotations

import pkgutil
from functools import lru_cache
from importlib import import_module
from types import ModuleType

from logging_pipeline.logstash_engine import codecs, filters, inputs, outputs
from logging_pipeline.logstash_engine.language.syntax import Place
from logging_pipeline.logstash_engine.options import fail, nearest

__all__ = ["find", "names"]

_FOLDERS = {"input": inputs, "filter": filters, "codec": codecs, "output": outputs}


@lru_cache(maxsize=8)
def names(kind: str) -> list[str]:
    """The plugins of *kind* (input, filter, codec or output), sorted."""
    return sorted(module.name for module in pkgutil.iter_modules(_FOLDERS[kind].__path__))


def find(kind: str, name: str, place: Place) -> ModuleType:
    """
    The module of the plugin *name*.

    Raises:
        LogstashConfigError: there is none; the message has the nearest name.
    """
    if name not in names(kind):
        if name.startswith(("'", '"')):
            raise fail(place, f"there is no {kind} {name}: the name of a plugin has no quotes")
        raise fail(place, f"there is no {kind} {name!r}{nearest(name, names(kind))}")
    return import_module(f"{_FOLDERS[kind].__name__}.{name}")
