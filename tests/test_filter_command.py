"""``logpipe filter``: NDJSON in, NDJSON out, through the filters of a configuration."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from logging_pipeline.cli.filter import filter_events
from tests.tiny_project.servers import clean_environ


def test_events_come_out_as_the_filters_leave_them(tmp_path: Path):
    """One line each, metadata included; what is no JSON is tagged, what vanishes is counted with its place."""
    conf = tmp_path / "own.conf"
    conf.write_text(
        "filter {\n"
        '  if [kind] == "noise" { drop { } }\n'
        '  mutate { add_field => { "seen" => "%{kind}" "[@metadata][by]" => "own" } }\n'
        "}\n"
    )
    given = ['{"kind":"order"}', '{"kind":"noise"}', "", "no json", '{"kind":"noise"}\r']
    ran = CliRunner().invoke(filter_events, [str(conf)], input="\n".join(given), catch_exceptions=False)
    first, second = (json.loads(line) for line in ran.stdout.splitlines())
    assert (first["seen"], first["@metadata"]) == ("order", {"by": "own"})
    assert "event" not in first
    assert (second["message"], second["tags"]) == ("no json", ["_jsonparsefailure"])
    assert f"2 events vanished: drop at {conf}:2" in ran.stderr


def test_filters_need_no_clients(tmp_path: Path):
    """The command imports nothing that speaks to a server, nor the project: it is there at once."""
    conf = tmp_path / "own.conf"
    conf.write_text('filter { grok { match => { "message" => "%{WORD:word}" } } }')
    others = ["celery", "django", "elasticsearch", "kombu", "prometheus_client", "redis", "structlog"]
    program = (
        "import sys; sys.modules.update(dict.fromkeys(sys.argv[3:])); del sys.argv[3:]\n"
        "from logging_pipeline.cli import main; main()"
    )
    command = [sys.executable, "-c", program, "filter", str(conf), *others]
    ran = subprocess.run(
        command, env=clean_environ(), input='{"message":"one two"}\n', capture_output=True, text=True, check=False
    )
    assert ran.stderr == ""
    assert json.loads(ran.stdout)["word"] == "one"
