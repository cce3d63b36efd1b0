"""The oracle itself: a planted loss, duplicate, alteration or stranger is found, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bad_days.obligations import Copy, Obligation, Record, Verdict, judge, read

KEY = ("producer", "system")
SAID = [Obligation(f"e.{n}", KEY, n, 10.0 if n <= 3 else None) for n in range(1, 6)]
STORED = [Copy(f"e.{n}", KEY, n) for n in range(1, 6)]


def test_all_is_well():
    """Everything stored once is everything kept."""
    verdict = judge(SAID, STORED, {})
    assert verdict == Verdict(said=5, stored=5)
    assert verdict.kept
    assert verdict.lost == {}


def test_an_acknowledged_event_that_is_nowhere_breaks_an_obligation():
    """Whoever says that nothing is lost."""
    verdict = judge(SAID, [copy for copy in STORED if copy.number != 2], {})
    assert not verdict.kept
    assert verdict.broken == [SAID[1]]
    assert verdict.lost == {KEY: [(2, 2)]}


def test_an_event_that_nobody_acknowledged_may_die_in_memory():
    """It is counted, by number."""
    verdict = judge(SAID, STORED[:3], {})
    assert verdict.kept
    assert verdict.died_in_memory == verdict.lost == {KEY: [(4, 5)]}


@pytest.mark.parametrize(("excuse", "broken"), [((9.0, 11.0), 0), ((10.5, 11.0), 1)])
def test_a_server_that_was_killed_excuses_its_last_moments_alone(excuse: tuple[float, float], broken: int):
    """An acknowledgement outside of them stays an obligation; excused or not, the number is lost."""
    verdict = judge(SAID, STORED[1:], {}, [excuse])
    assert (len(verdict.broken), len(verdict.excused)) == (broken, 1 - broken)
    assert verdict.lost == {KEY: [(1, 1)]}


def test_a_second_copy_is_found():
    """A dead letter beside the event is a second copy too."""
    for second in (STORED[0], STORED[0]._replace(is_dead_letter=True)):
        verdict = judge(SAID, [*STORED, second], {})
        assert not verdict.kept
        assert verdict.doubled == ["e.1"]


def test_a_loss_and_a_second_copy_do_not_cancel():
    """Five documents for five events are not enough."""
    verdict = judge(SAID, [*STORED[1:], STORED[1]], {})
    assert (verdict.broken, verdict.doubled) == ([SAID[0]], ["e.2"])


def test_an_event_under_another_number_is_found():
    """The pipeline's numbers are the order in which the program logged."""
    verdict = judge(SAID, [STORED[0]._replace(number=9), *STORED[1:]], {})
    assert not verdict.kept
    assert verdict.altered == [Copy("e.1", KEY, 9)]


def test_a_document_of_nobody_is_found():
    """What no program wrote down before it logged it."""
    verdict = judge(SAID, [*STORED, Copy("e.6", KEY, 6)], {})
    assert not verdict.kept
    assert verdict.strange == [Copy("e.6", KEY, 6)]


def test_the_ledger_answers_for_what_was_dropped():
    """By number, of that category alone."""
    assert judge(SAID, STORED[2:], {KEY: [(1, 2)]}).dropped == 2
    assert judge(SAID, STORED[2:], {("producer", "audit"): [(1, 2)]}).broken == SAID[:2]


def test_a_record_is_read_as_far_as_it_was_written(tmp_path: Path):
    """Numbers are counted by category; a line that a kill has cut tells nothing."""
    path = tmp_path / "record"
    record = Record(path, "e", "producer")
    names = [record.say(event) for event in ("worked", "audit.read", "worked")]
    record.acknowledge(2)
    record.say("worked")
    with path.open("a") as file:
        file.write("said e.5 sys")
    found = read(path)
    assert [obligation.name for obligation in found] == [*names, "e.4"]
    assert [(obligation.key, obligation.number) for obligation in found] == [
        (("producer", category), number)
        for category, number in (("system", 1), ("audit", 1), ("system", 2), ("system", 3))
    ]
    assert [obligation.acknowledged_at is not None for obligation in found] == [True, True, False, False]
