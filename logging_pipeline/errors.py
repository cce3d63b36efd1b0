"""
Every error that the library raises, one tree.

::

    PipelineError
    ├── ConfigurationError      a setting is missing or wrong; raised at start, never while logging
    ├── ContractError           a category, event or field was declared wrongly; raised at import
    ├── BrokerUnavailable       the batch did not reach the broker; the caller still holds it
    ├── SpoolFull               the batch did not fit on disk; the caller still holds it
    ├── StoreUnavailable        Elasticsearch did not answer or refused the whole request
    ├── LogstashConfigError     a Logstash configuration is refused, with file, line and column
    ├── KqlError                a query is refused, with line and column
    ├── DashboardError          a dashboard's definition is refused, with file, panel and key
    └── KibanaError             Kibana does not answer, or refuses; with the cure

None of them leaves the call that logs: `collect` and everything after it answers for its own failures.
"""

from __future__ import annotations

__all__ = [
    "BrokerUnavailable",
    "ConfigurationError",
    "ContractError",
    "DashboardError",
    "KibanaError",
    "KqlError",
    "LogstashConfigError",
    "PipelineError",
    "SpoolFull",
    "StoreUnavailable",
]


class PipelineError(Exception):
    """The root: catch it to catch everything of this library's."""


class ConfigurationError(PipelineError):
    """
    A setting is missing or wrong.

    Args:
        setting: its name, as the user writes it (``LOGPIPE_REDIS_URL``).
        problem: what is wrong with it.
        cure: what to do.
    """

    def __init__(self, setting: str, problem: str, cure: str) -> None:
        super().__init__(f"{setting}: {problem}. {cure}")
        self.setting = setting
        self.problem = problem
        self.cure = cure


class ContractError(PipelineError):
    """A category, event or field was declared wrongly."""


class DashboardError(PipelineError):
    """
    A dashboard's definition is wrong.

    Args:
        problem: what is wrong, and the nearest right name where there is one.
        file: the definition.
        panel: the panel's id, empty for the dashboard itself.
        key: where in it, e.g. ``measures[0].field``.
    """

    def __init__(self, problem: str, *, file: str = "", panel: str = "", key: str = "") -> None:
        place = ": ".join(filter(None, (file, f"panel {panel}" if panel else "", key)))
        super().__init__(f"{place}: {problem}" if place else problem)
        self.problem = problem
        self.file = file
        self.panel = panel
        self.key = key


class KibanaError(PipelineError):
    """
    Kibana does not answer, refuses, or is not what the settings say.

    Args:
        problem: what happened; what Kibana said about it, where it said anything.
        cure: what to do.
        status: the HTTP status, 0 when there was no answer.
    """

    def __init__(self, problem: str, cure: str, *, status: int = 0) -> None:
        super().__init__(f"{problem}. {cure}" if cure else problem)
        self.problem = problem
        self.cure = cure
        self.status = status


class BrokerUnavailable(PipelineError):
    """The broker refused or did not answer in time; a timed-out hand-over may have been applied all the same."""


class SpoolFull(PipelineError):
    """The disk, or the spool's own limit, has no room for the batch."""


class StoreUnavailable(PipelineError):
    """
    Elasticsearch did not answer, or refused the whole request.

    Args:
        problem: what happened.
        retryable: whether the same request can succeed later (no answer, 429, 5xx).
    """

    def __init__(self, problem: str, *, retryable: bool = True) -> None:
        super().__init__(problem)
        self.retryable = retryable


class LogstashConfigError(PipelineError):
    """
    A Logstash configuration is refused before it runs.

    Args:
        problem: what is wrong, and the nearest right name where there is one.
        file: path of the configuration, as the user named it.
        line: 1-based, 0 when unknown.
        column: 1-based, 0 when unknown.
    """

    def __init__(self, problem: str, *, file: str = "<config>", line: int = 0, column: int = 0) -> None:
        place = f"{file}:{line}:{column}" if line else file
        super().__init__(f"{place}: {problem}")
        self.problem = problem
        self.file = file
        self.line = line
        self.column = column


class KqlError(PipelineError):
    """
    A query in Kibana's language is refused.

    Args:
        problem: what is wrong, and the cure where there is one.
        text: the whole query; empty when it was not written by hand.
        offset: where in *text*, characters from 0.
        expected: what could have stood there instead.

    Attributes:
        line, column: the same place, from 1.
        excerpt: that line, and a second one with a caret below the place; empty without *text*.
    """

    def __init__(self, problem: str, *, text: str = "", offset: int = 0, expected: tuple[str, ...] = ()) -> None:
        self.problem = problem
        self.expected = expected
        self.offset = offset
        self.line = text.count("\n", 0, offset) + 1
        start = text.rfind("\n", 0, offset) + 1
        self.column = offset - start + 1
        self.excerpt = _caret(text[start:].partition("\n")[0], offset - start) if text else ""
        wanted = f"; expected {' or '.join(expected)}" if expected else ""
        place = f"line {self.line}, column {self.column}: " if text else ""
        super().__init__("\n".join(filter(None, (f"{place}{problem}{wanted}", self.excerpt))))


_EXCERPT_CHARS = 30  # on either side of the caret


def _caret(line: str, column: int) -> str:
    start = max(column - _EXCERPT_CHARS, 0)
    cut = "".join(c if c.isprintable() else " " for c in line[start : column + _EXCERPT_CHARS])
    return f"  {cut}\n  {' ' * (column - start)}^"
