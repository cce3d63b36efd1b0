"""Runs golden cases on a real Logstash, where a user has one."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path

from logging_pipeline.errors import LogstashConfigError
from logging_pipeline.logstash_engine.cases import Case, Document
from logging_pipeline.logstash_engine.loading import read_configuration

__all__ = ["RealLogstash"]

_TIMEOUT_S = 180  # it starts in ten seconds, on a busy machine in a minute
_METADATA = "__metadata"
_TAIL = 2000  # characters of its log that an error shows


class RealLogstash:
    """
    A Logstash installed in *home*. Only a pipeline's filters run; inputs and outputs are files of our own.

    Raises:
        LogstashConfigError: there is none.
    """

    def __init__(self, home: Path) -> None:
        self._program = home / "bin" / "logstash"
        if not os.access(self._program, os.X_OK):
            raise LogstashConfigError("there is no Logstash here (bin/logstash)", file=str(home))

    def run(self, case: Case) -> list[Document]:
        """
        The events that it gives for *case*.

        Raises:
            LogstashConfigError: it refuses the configuration, or does not end.
        """
        with tempfile.TemporaryDirectory(prefix="logpipe-verify-") as folder:
            return self._run(case, Path(folder))

    def _run(self, case: Case, folder: Path) -> list[Document]:
        output = folder / "output.ndjson"
        configuration = folder / "pipeline.conf"
        configuration.write_text(_configuration(case, output), "utf-8")
        settings = folder / "settings"
        settings.mkdir()
        (settings / "logstash.yml").write_text(_settings(), "utf-8")
        command = [
            str(self._program),
            *("--path.settings", str(settings), "--path.config", str(configuration)),
            *("--path.data", str(folder / "data"), "--path.logs", str(folder / "logs")),
            *("--pipeline.workers", "1", "--pipeline.ordered", "true"),
            *("--pipeline.ecs_compatibility", case.ecs_compatibility, "--log.level", "error"),
        ]
        try:
            done = subprocess.run(  # noqa: S603 - the user's own Logstash
                command,
                input=b"\n".join(case.input_lines()) + b"\n",
                capture_output=True,
                timeout=_TIMEOUT_S,
                env={**os.environ, **case.env},
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise LogstashConfigError(f"Logstash did not end within {_TIMEOUT_S} s", file=case.pipeline) from None
        if done.returncode:
            said = (done.stdout + done.stderr).decode("utf-8", "replace").strip()[-_TAIL:]
            raise LogstashConfigError(f"Logstash ended with {done.returncode}: {said}", file=case.pipeline)
        lines = output.read_text("utf-8").splitlines() if output.exists() else []
        return [_with_metadata(json.loads(line)) for line in lines]


def _settings() -> str:
    """Its own, so that the port and the settings of one that runs already are left alone."""
    root = "allow_superuser: true\n" if os.geteuid() == 0 else ""  # or it refuses to start
    return f"api.enabled: false\n{root}"


def _configuration(case: Case, output: Path) -> str:
    """
    The filters of *case* between an input and an output that write JSON; metadata goes along in a field.

    Inputs add fields of their own, so an event is made anew of the line that came.
    """
    parsed, _folder = read_configuration(case.pipeline)
    filters = "\n".join(section.source for section in parsed.sections if section.kind == "filter")
    make = "LogStash::Event.from_json(event.get('message')).each { |e| new_event_block.call(e) }; event.cancel"
    keep = f"m = event.get('[@metadata]'); event.set('{_METADATA}', m) unless m.nil? || m.empty?"
    return (
        "input { stdin { codec => line } }\n"
        f'filter {{ ruby {{ code => "{make}" }} }}\n'
        f"{filters}\n"
        f'filter {{ ruby {{ code => "{keep}" }} }}\n'
        f'output {{ file {{ path => "{output}" codec => json_lines flush_interval => 0 }} }}\n'
    )


def _with_metadata(event: Document) -> Document:
    metadata = event.pop(_METADATA, None)
    return {**event, "@metadata": metadata} if metadata else event
