"""
Golden cases as tests of a project: ``pytest --logstash-golden logstash/golden``.

Every case folder is one test; it fails with the fields that differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from logging_pipeline.errors import LogstashConfigError
from logging_pipeline.logstash_engine.cases import Case, find_cases, run_case
from logging_pipeline.logstash_engine.verification import differences

__all__ = ["pytest_addoption", "pytest_collection_modifyitems"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--logstash-golden``, which may be given several times."""
    group = parser.getgroup("logstash", "Logstash pipelines")
    group.addoption(
        "--logstash-golden",
        action="append",
        default=[],
        metavar="DIR",
        help="run every golden case of a Logstash pipeline below DIR as a test",
    )


@pytest.hookimpl(tryfirst=True)  # before -k and -m choose
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add the cases to what was collected."""
    for folder in config.getoption("--logstash-golden"):
        cases = GoldenCases.from_parent(session, name=str(folder), folder=Path(folder))
        items.extend(cases.collect())


class GoldenCases(pytest.Collector):
    """A folder of cases."""

    def __init__(self, *, folder: Path, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._folder = folder

    def collect(self) -> Iterator[GoldenCase]:
        """One test for each case."""
        for case in find_cases(self._folder):
            yield GoldenCase.from_parent(self, name=case.name, case=case)


class GoldenCase(pytest.Item):
    """One case."""

    def __init__(self, *, case: Case, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._case = case

    def runtest(self) -> None:
        """Run the pipeline and compare."""
        found = differences(run_case(self._case), self._case.expected(), self._case.varies)
        if found:
            raise GoldenCaseFailed("\n".join(found))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The differences alone, without a traceback."""
        if isinstance(excinfo.value, (GoldenCaseFailed, LogstashConfigError)):
            return f"{self._case.description}\n{excinfo.value}".strip()
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Where the case is."""
        return self._case.folder, None, self.name


class GoldenCaseFailed(AssertionError):
    """What came out is not what was expected."""
