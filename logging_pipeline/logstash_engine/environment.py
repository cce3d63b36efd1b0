"""``${NAME}`` and ``${NAME:default}`` in option values and in the strings of conditions."""

from __future__ import annotations

import re
from collections.abc import Mapping

from logging_pipeline.errors import LogstashConfigError
from logging_pipeline.logstash_engine.language.syntax import Place

__all__ = ["Environment"]

_VARIABLE = re.compile(r"\$\{(?P<name>[a-zA-Z_.][a-zA-Z0-9_.]*)(?::(?P<default>[^}]*))?\}")


class Environment:
    """The variables that a configuration may use."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

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
