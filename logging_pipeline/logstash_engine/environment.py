"""``${NAME}`` and ``${NAME:default}`` in option values and in the strings of conditions."""

from __future__ import annotations

import re
from collections.abc import Mapping

from logging_pipeline.errors import LogstashConfigError
from logging_pipeline.logstash_engine.language.syntax import Place

__all__ = ["Environment"]

_VARIABLE = re.compile(r"\$\{(?P<name>[a-zA-Z_.][a-zA-Z0-9_.]*)(?::(?P<default>[^}]*))?\}")


PLACEHOLDER = "0"  # a text, a number, a size and a path, whatever the option takes


class Environment:
    """
    The variables that a configuration may use.

    Args:
        variables: by name.
        lenient: one that is not set and has no default counts as "0" and is noted in `missing`, so that a configuration
            can be
            checked where its secrets are not.
    """

    def __init__(self, variables: Mapping[str, str], *, lenient: bool = False) -> None:
        self._variables = variables
        self._lenient = lenient
        self.missing: dict[str, Place] = {}

    def substitute(self, text: str, place: Place) -> str:
        """
        *text* with its variables replaced.

        Raises:
            LogstashConfigError: a variable is not set and has no default.
        """
        if "${" not in text:
            return text

        def value(match: re.Match[str]) -> str:
            found = self._variables.get(match["name"], match["default"])
            if found is None and self._lenient:
                self.missing.setdefault(match["name"], place)
                return PLACEHOLDER
            if found is None:
                raise LogstashConfigError(
                    f"the variable {match['name']!r} is not set; set it or write a default: "
                    f"${{{match['name']}:default}}",
                    file=place.file,
                    line=place.line,
                    column=place.column,
                )
            return found

        return _VARIABLE.sub(value, text)
