"""
Every error that the library raises, one tree.

::

    PipelineError
    ├── ConfigurationError      a setting is missing or wrong; raised at start, never while logging
    ├── ContractError           a category, event or field was declared wrongly; raised at import
    ├── BrokerUnavailable       the batch did not reach the broker; the caller still holds it
    ├── SpoolFull               the batch did not fit on disk; the caller still holds it
    ├── StoreUnavailable        Elasticsearch did not answer or refused the whole request
    └── LogstashConfigError     a Logstash configuration is refused, with file, line and column

None of them leaves the call that logs: `collect` and everything after it answers for its own failures.
"""

from __future__ import annotations

__all__ = [
    "BrokerUnavailable",
    "ConfigurationError",
    "ContractError",
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
