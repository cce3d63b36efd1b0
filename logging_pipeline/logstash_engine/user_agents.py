"""
What a user agent's text says: browser, system and device, by the public collection of regular expressions (uap-core).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ua_parser import Domain
from ua_parser.basic import Resolver
from ua_parser.loaders import load_lazy_builtins, load_yaml

from logging_pipeline.logstash_engine.required_texts import required_texts

__all__ = ["UserAgents"]


class UserAgents:
    """
    Parses user agents.

    There are more than a thousand expressions, tried in order. Nearly all need certain words, so that one is compiled
    and tried only for a text that has its words: the first event does not wait, and the later ones are quick.

    Args:
        path: a ``regexes.yaml`` to use instead of the one that comes with `ua_parser`.

    Raises:
        OSError: the file cannot be read.
    """

    def __init__(self, path: Path | None = None) -> None:
        matchers: Any = load_lazy_builtins() if path is None else _read(path)
        guarded: Any = tuple([_Guarded(matcher) for matcher in domain] for domain in matchers)
        self._resolve: Any = Resolver(guarded)

    def parse(self, text: str) -> dict[str, str]:
        """The parts that are known, by the names that the useragent filter gives them without ECS."""
        try:
            result = self._resolve(text, Domain.ALL)
        except ValueError:  # an expression for devices that finds no name in this text
            result = self._resolve(text, Domain.USER_AGENT | Domain.OS)
        return {**_browser(result.user_agent, text), **_system(result.os), "device": _device(result.device)}


def _read(path: Path) -> Any:
    if load_yaml is None:
        raise OSError("reading it needs PyYAML")
    return load_yaml(path)


class _Guarded:
    """A matcher, asked only about texts that have what it needs. What that is it finds out when the first one comes."""

    __slots__ = ("_ignores_case", "_matcher", "_needed")

    def __init__(self, matcher: Any) -> None:
        self._matcher = matcher
        self._needed: list[list[str]] | None = None
        self._ignores_case = bool(matcher.flags)

    def __call__(self, text: str) -> Any:
        needed = self._needed
        if needed is None:
            needed = self._needed = self._find_out()
        searched = text.lower() if self._ignores_case else text
        for texts in needed:
            for one in texts:
                if one in searched:
                    break
            else:
                return None
        return self._matcher(text)

    def _find_out(self) -> list[list[str]]:
        needed = required_texts(self._matcher.regex)
        return [[text.lower() for text in texts] for texts in needed] if self._ignores_case else needed


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
