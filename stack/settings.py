"""The settings of the embedded stack: ports, folders, sizes; read once, from the environment."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stack.errors import StackError

__all__ = ["ENV_PREFIX", "PROJECT", "StackSettings", "load"]

ENV_PREFIX = "LOGPIPE_"
PROJECT = Path(__file__).resolve().parent.parent


def _setting(default: Any, meaning: str) -> Any:
    return dataclasses.field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True, slots=True)
class StackSettings:
    """What `docs/running.md` lists; each is set by the environment variable ``LOGPIPE_<NAME>``."""

    port_web: int = _setting(8000, "The shop.")
    port_console: int = _setting(8001, "The console.")
    port_redis: int = _setting(6390, "The Redis protocol server.")
    port_elasticsearch: int = _setting(9210, "Elasticsearch.")
    port_direct: int = _setting(5959, "Where programs without Celery send their events; see the direct route.")
    port_worker_metrics: int = _setting(9811, "Metrics of the logs' worker.")
    port_consumer_metrics: int = _setting(9812, "Metrics of the consumer.")

    var_dir: Path = _setting(PROJECT / "var", "Data, passwords and logs of the stack.")
    cache_dir: Path = _setting(PROJECT / ".cache", "Where the Elasticsearch distribution is kept.")
    maven_mirror: str = _setting("", "Base address of the Maven repository to download from; empty: the usual one.")
    java_home: str = _setting("", "Folder of a JDK 21 or newer; empty: looked for.")

    elasticsearch_heap: str = _setting("512m", "Memory of Elasticsearch's heap, in Java's notation.")
    redis_max_memory: str = _setting("1gb", "Memory of Redis; above it writes are refused, nothing is evicted.")
    web_workers: int = _setting(3, "Processes that serve the shop.")
    verbose: bool = _setting(False, "Also show everything that the programs print: on or off.")
    demo: bool = _setting(True, "Gentle traffic of made-up customers: on or off.")

    @property
    def ports(self) -> dict[str, int]:
        """Port by the environment variable that sets it."""
        return {
            ENV_PREFIX + f.name.upper(): getattr(self, f.name)
            for f in dataclasses.fields(self)
            if f.name.startswith("port_")
        }


def load(environ: Mapping[str, str] | None = None) -> StackSettings:
    """
    Read the settings once.

    Raises:
        StackError: a value that cannot be read, with the setting's name.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    for f in dataclasses.fields(StackSettings):
        name = ENV_PREFIX + f.name.upper()
        if (text := environ.get(name, "").strip()) != "":
            values[f.name] = _parse(name, text, f.default)
    return StackSettings(**values)


def _parse(name: str, text: str, default: Any) -> Any:
    if isinstance(default, bool):
        if text.lower() not in _TRUTH:
            raise StackError(f"{name}={text!r} is neither on nor off", f"Set {name}=on or {name}=off")
        return _TRUTH[text.lower()]
    if isinstance(default, int):
        if not text.isdecimal() or not 0 < int(text) < 65536:
            raise StackError(f"{name}={text!r} is no number between 1 and 65535", f"Set e.g. {name}={default}")
        return int(text)
    return Path(text).expanduser().resolve() if isinstance(default, Path) else text


_TRUTH = {"on": True, "1": True, "true": True, "yes": True, "off": False, "0": False, "false": False, "no": False}
