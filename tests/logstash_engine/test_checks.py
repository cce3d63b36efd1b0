"""``logpipe check``: what is wrong, and what can lose an event, with its place."""

import pytest

from logging_pipeline.contract import CORE_CATEGORIES, CORE_FIELDS, Category, Contract, Field
from logging_pipeline.logstash_engine.checks import check


@pytest.fixture
def problems(tmp_path):
    """What check says of a configuration, as (line, column, severity, problem)."""

    def run(text, **options):
        file = tmp_path / "a.conf"
        file.write_text(text)
        return [(found.line, found.column, found.severity, found.problem) for found in check([file], env={}, **options)]

    return run


def test_says_nothing_of_a_sound_configuration(problems):
    """No findings, no noise."""
    assert problems('filter { if [n] and [n] > 5 { mutate { add_tag => ["big"] } } }') == []


def test_errors_come_with_their_place_and_the_nearest_name(problems):
    """The same error as at the start of a run."""
    ((line, column, severity, problem),) = problems("filter {\n  grok { mach => { } }\n}")
    assert (line, column, severity) == (2, 10, "error")
    assert "did you mean 'match'" in problem


def test_all_errors_are_found_at_once(problems):
    """One for each plugin, wherever it stands; who mends them need not run the check for each."""
    found = problems(
        "input { stdin { codec => jsonn } }\n"
        "filter {\n  krok { }\n"
        '  if [a] { mutate { renam => { } } } else { grok { match => { "m" => "%{NOPE}" } } }\n}\n'
        "output { stdoutt { } }"
    )
    assert [line for line, _, severity, _ in found if severity == "error"] == [1, 3, 4, 4, 6]


def test_errors_of_every_pipeline_are_found_at_once(tmp_path):
    """Of those that ``pipelines.yml`` names, each with its own ECS mode."""
    (tmp_path / "a.conf").write_text("filter { krok { } }")
    listing = tmp_path / "pipelines.yml"
    listing.write_text(
        '- {pipeline.id: a, path.config: a.conf}\n- {pipeline.id: b, config.string: "filter { nope { } }"}'
    )
    assert ["krok" in found.problem or "nope" in found.problem for found in check([tmp_path], env={})] == [True, True]


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("filter { drop { } }", "drop loses"),
        ('filter { split { field => "l" } }', "split loses"),
        ("filter { csv { skip_header => true } }", "csv loses"),
        ('filter { csv { autodetect_column_names => "true" } }', "csv loses"),
        ("filter { if [n] > 5 { } }", "[n] is missing"),
        ("filter { if ![n] { } else if [m] > [n] { } }", "[m] is missing"),
        ("filter { if [a] or [n] > 5 { } }", "[n] is missing"),
        ('filter { if !([n] =~ "x") { if [n] < 1 { } } }', "[n] is missing"),
    ],
)
def test_warns_of_what_can_lose_an_event(problems, text, lost):
    """drop, split of nothing, and ordering comparisons on what may be missing."""
    found = problems(text)
    assert [severity for _line, _column, severity, _problem in found] == ["warning"]
    assert lost in found[0][3]


@pytest.mark.parametrize(
    "text",
    [
        "filter { if [n] { if [n] > 5 { } } }",
        "filter { if [n] and [n] > 5 { } }",
        'filter { if [l] { split { field => "[l]" } } }',
        "filter { if ![n] { } else if [n] > 5 { } }",
        'filter { mutate { replace => { "n" => "1" } } if [n] > "0" { } }',
        "filter { if [n] =~ /^[0-9]+$/ { if [n] > 5 { } else if [n] < 1 { } } }",
        "filter { if ![n] or [n] > 5 { } }",
    ],
)
def test_does_not_warn_where_the_field_is_known_to_be_there(problems, text):
    """An enclosing condition, an earlier term or a replace says so."""
    assert problems(text) == []


def test_a_variable_without_a_value_is_a_warning(problems):
    """A configuration can be checked where its secrets are not."""
    ((line, column, severity, problem),) = problems('output { redis { data_type => list key => "${KEY}" } }')
    assert (line, column, severity) == (1, 43, "warning")
    assert "'KEY'" in problem


def test_fields_that_the_contract_does_not_know_are_errors(problems):
    """In conditions, options, captures and references, with the nearest field; what is removed again is private."""
    order = Category("order", "What customers ordered.", fields=(Field("shop.order.id", "keyword", "Its number."),))
    contract = Contract(CORE_FIELDS, (*CORE_CATEGORIES, order))
    found = problems(
        """filter {
          if [shop][order][id] { mutate { copy => { "[shop][order][id]" => "[shop][ordre][id]" } } }
          grok { match => { "message" => "%{WORD:[log][level]} %{WORD:colour}" } }
          mutate { replace => { "[@metadata][x]" => "%{[shop][oder]}" "[labels][anything]" => "1" } }
          mutate { add_field => { "scratch" => "1" } remove_field => ["scratch"] }
        }""",
        contract=contract,
    )
    assert [(line, severity) for line, _column, severity, _problem in found] == [
        (2, "error"),
        (3, "error"),
        (4, "error"),
    ]
    assert "no field [shop][ordre][id]; did you mean [shop][order][id]?" in found[0][3]
    assert "no field colour" in found[1][3]
    assert "no field [shop][oder]" in found[2][3]


def test_a_folder_is_checked_by_its_pipelines_yml(tmp_path):
    """Every pipeline that the file names is checked; an unknown setting is an error."""
    (tmp_path / "a.conf").write_text("filter { drop { } }")
    (tmp_path / "pipelines.yml").write_text("- pipeline.id: a\n  path.config: a.conf\n")
    (found,) = check([tmp_path], env={})
    assert str(found).startswith(f"{tmp_path}/a.conf:1:10: warning: drop loses the event")
    (tmp_path / "pipelines.yml").write_text("- pipeline.id: a\n  path.confg: a.conf\n")
    (found,) = check([tmp_path], env={})
    assert (found.severity, "did you mean 'path.config'" in found.problem) == ("error", True)
