"""``logpipe verify`` and ``pytest --logstash-golden``: golden cases of a user's own pipelines."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from logging_pipeline.errors import LogstashConfigError
from logging_pipeline.logstash_engine.verification import differences, verify

GOLDEN = Path(__file__).parent / "golden"
MOMENT = "2024-03-05T06:07:08.009Z"


@pytest.fixture
def case(tmp_path):
    """A case that is not as expected: the tag is another."""
    folder = tmp_path / "cases" / "one"
    folder.mkdir(parents=True)
    (folder / "pipeline.conf").write_text('# Adds a tag.\nfilter { mutate { add_tag => ["new"] } }\n')
    (folder / "input.ndjson").write_text(json.dumps({"@timestamp": MOMENT, "n": 1}) + "\n")
    expected = {"@timestamp": MOMENT, "@version": "1", "n": 1, "tags": ["old"]}
    (folder / "expected.ndjson").write_text(json.dumps(expected) + "\n")
    return folder


def test_says_which_field_of_which_event_differs(case):
    """A readable difference, not two lines of JSON."""
    (outcome,) = verify(case.parent)
    assert not outcome.ok
    assert outcome.differences == ['event 1 [tags]: expected ["old"], is ["new"]']


def test_update_rewrites_what_is_expected(case):
    """After an update the case is as expected."""
    (outcome,) = verify(case, update=True)
    assert (outcome.ok, outcome.updated) == (True, True)
    (again,) = verify(case)
    assert (again.ok, again.updated) == (True, False)


def test_fields_that_vary_have_to_be_there(tmp_path):
    """case.yml names the pipeline and what has another value each time."""
    (tmp_path / "p.conf").write_text('filter { uuid { target => "[event][id]" } }')
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "case.yml").write_text("pipeline: ../p.conf\nvaries: [event.id]\n")
    (tmp_path / "one" / "input.ndjson").write_text(json.dumps({"@timestamp": MOMENT}) + "\n")
    expected = {"@timestamp": MOMENT, "@version": "1", "event": {"id": "x"}}
    (tmp_path / "one" / "expected.ndjson").write_text(json.dumps(expected) + "\n")
    assert [outcome.ok for outcome in verify(tmp_path)] == [True]
    (tmp_path / "p.conf").write_text("filter { }")
    assert [outcome.differences for outcome in verify(tmp_path)] == [
        ['event 1 [event]: expected {"id": "(varies)"}, is missing']
    ]


def test_numbers_are_compared_as_json_values():
    """1 and 1.0 are one number, true is none."""
    assert differences([{"n": 1.0}], [{"n": 1}]) == []
    assert differences([{"n": True}], [{"n": 1}]) == ["event 1 [n]: expected 1, is true"]
    assert differences([], [{"n": 1}]) == ["1 events were expected, 0 came out", 'event 1 is missing: {"n": 1}']


def test_a_refused_pipeline_is_a_difference(case):
    """The other cases still run."""
    (case / "pipeline.conf").write_text("filter { nope { } }")
    (outcome,) = verify(case)
    assert "there is no filter 'nope'" in outcome.differences[0]


def test_a_folder_without_cases_is_an_error(tmp_path):
    """A mistyped folder does not pass."""
    with pytest.raises(LogstashConfigError, match="no case"):
        list(verify(tmp_path))


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("pipeline.conf", b"\xff\xfe", "pipeline.conf: it cannot be read"),
        ("case.yml", b"varies: x", "'varies' is a list"),
        ("case.yml", b"- a\n- b", "a case has no 'this'"),
    ],
)
def test_a_case_that_cannot_be_read_is_named(tmp_path, file, content, said):
    """What is wrong with a folder is said with the file that it is wrong in."""
    (tmp_path / "input.ndjson").write_text("{}")
    (tmp_path / "pipeline.conf").write_text("filter { }")
    (tmp_path / file).write_bytes(content)
    with pytest.raises(LogstashConfigError, match=said):
        list(verify(tmp_path))


def test_a_line_that_is_no_event_is_named(tmp_path):
    """The line of the input that cannot be read is said."""
    (tmp_path / "input.ndjson").write_text('{"a": 1}\n{"a":')
    (tmp_path / "pipeline.conf").write_text("filter { }")
    (outcome,) = verify(tmp_path)
    assert "input.ndjson:2: not JSON" in outcome.differences[0]


def test_every_recorded_case_comes_out():
    """The recorded cases differ only where Ruby is used."""
    outcomes = list(verify(GOLDEN))
    assert len(outcomes) == len(list(GOLDEN.iterdir()))
    assert {outcome.case.name for outcome in outcomes if not outcome.ok} == {
        "ruby--get-set",
        "shop--nginx-request-time",
        "shop--order-events",
    }


FAKE_LOGSTASH = """#!{python}
import json, os, re, sys
text = open(sys.argv[sys.argv.index("--path.config") + 1]).read()
assert "add_tag" in text and "codec => json_lines" in text, text
assert sys.argv[sys.argv.index("--pipeline.ecs_compatibility") + 1] == "v8"
settings = open(sys.argv[sys.argv.index("--path.settings") + 1] + "/logstash.yml").read()
assert "api.enabled: false" in settings and ("allow_superuser" in settings) == (os.geteuid() == 0), settings
with open(re.search(r'path => "([^"]+)"', text)[1], "w") as output:
    for line in sys.stdin:
        print(json.dumps({{**json.loads(line), "@version": "1", "tags": ["new"], "__metadata": {{"m": 1}}}}),
        file=output)
"""


def test_runs_the_same_cases_on_a_real_logstash(case, tmp_path):
    """Only the filters go there, between an input and an output of our own; metadata comes back."""
    program = tmp_path / "logstash" / "bin" / "logstash"
    program.parent.mkdir(parents=True)
    program.write_text(FAKE_LOGSTASH.format(python=sys.executable))
    program.chmod(0o755)
    (outcome,) = verify(case, engine="logstash", logstash_home=tmp_path / "logstash")
    assert outcome.differences == [
        'event 1 [@metadata]: not expected, is {"m": 1}',
        'event 1 [tags]: expected ["old"], is ["new"]',
    ]
    with pytest.raises(LogstashConfigError, match="no Logstash here"):
        list(verify(case, engine="logstash", logstash_home=tmp_path))


def test_pytest_collects_cases_as_tests(case, tmp_path):
    """One test a case; a failure shows the fields and no traceback."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:django"]
    command += ["--logstash-golden", str(case.parent)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert 'event 1 [tags]: expected ["old"], is ["new"]' in done.stdout
    assert "Adds a tag." in done.stdout
    assert "1 failed" in done.stdout
    assert "Traceback" not in done.stdout
