"""
What a user agent's text says: browser, system and device, by the public collection of regular expressions (uap-core).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ua_parser import Domain
from ua_parser.basic import Resolver
from ua_parser.loaders import load_builtins, load_lazy_builtins, load_yaml
from ua_parser.regex import Resolver as IndexedResolver

__all__ = ["UserAgents"]

_SLOW_LOOKUPS = 500  # building the fast resolver takes a second, which as many look-ups have cost by then


class UserAgents:
    """
    Parses user agents.

    The first look-ups try one expression after the other, each compiled when it is first tried, so that the first event
    does not wait; later ones use an index over all of them.

    Args:
        path: a ``regexes.yaml`` to use instead of the one that comes with `ua_parser`.

    Raises:
        OSError: the file cannot be read.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._matchers: Any = None if path is None else _read(path)
        first: Any = load_lazy_builtins() if path is None else self._matchers
        self._resolve: Any = Resolver(first)
        self._lookups = 0

    def parse(self, text: str) -> dict[str, str]:
        """The parts that are known, by the names that the useragent filter gives them without ECS."""
        self._lookups += 1
        if self._lookups == _SLOW_LOOKUPS:
            self._resolve = IndexedResolver(self._matchers or load_builtins())
        result = self._resolve(text, Domain.ALL)
        return {**_browser(result.user_agent, text), **_system(result.os), "device": _device(result.device)}


def _read(path: Path) -> Any:
    if load_yaml is None:
        raise OSError("reading it needs PyYAML")
    return load_yaml(path)


def _device(device: Any) -> str:
    return str(device.family) if device is not None else "Other"


def _browser(agent: Any, text: str) -> dict[str, str]:
    if agent is None:
        return {"name": "Other"}
    parts = {"name": agent.family}
    parts |= {unit: getattr(agent, unit) for unit in ("major", "minor", "patch") if getattr(agent, unit)}
    if agent.major:
        parts["version"] = _version(agent, text)
    return parts


def _version(agent: Any, text: str) -> str:
    """
    The numbers up to the first that is missing; a fourth one is taken from the text if the expressions left it there.
    """
    numbers = [agent.major]
    for number in (agent.minor, agent.patch, agent.patch_minor):
        if not number:
            break
        numbers.append(number)
    version = ".".join(numbers)
    start = text.find(version)
    if len(numbers) == 3 and start >= 0 and text.startswith(".", start + len(version)):
        rest = text[start + len(version) + 1 :].split(" ", 1)
        if len(rest) == 2 and rest[0].isdigit() and rest[0] == str(int(rest[0])):
            return f"{version}.{rest[0]}"
    return version


def _system(system: Any) -> dict[str, str]:
    if system is None:
        return {"os_name": "Other", "os": "Other", "os_full": "Other"}
    parts = {"os_name": system.family, "os": system.family, "os_full": system.family}
    parts |= {f"os_{unit}": getattr(system, unit) for unit in ("major", "minor", "patch") if getattr(system, unit)}
    if system.major:
        parts["os_version"] = _system_version(system)
        parts["os_full"] = f"{system.family} {parts['os_version']}"
    return parts


def _system_version(system: Any) -> str:
    version = str(system.major)
    if not system.minor:
        return version
    version += ("." if version.isdigit() else " ") + system.minor
    if system.patch:
        version += f".{system.patch}"
        if system.patch_minor:
            version += f".{system.patch_minor}"
    return str(version)
