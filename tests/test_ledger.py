"""The ledger's totals: cumulative, so that the last entry alone tells all."""

from __future__ import annotations

from logging_pipeline.ledger import MAX_RANGES, Ledger


def totals(ledger: Ledger, *, final: bool = False) -> list[tuple[str, dict]]:
    return list(ledger.entries(final=final))


def test_totals_are_cumulative_and_told_when_they_changed():
    """Nothing new, no entry."""
    ledger = Ledger()
    ledger.numbered("order", 5)
    ledger.shipped("order", 3)
    ledger.spooled("order", 2)
    ((name, first),) = totals(ledger)
    assert name == "ledger.totals"
    assert totals(ledger) == []
    ledger.numbered("order", 1)
    ledger.shipped("order", 1)
    ((_, second),) = totals(ledger)
    numbers = ("ledger.numbered", "ledger.shipped", "ledger.spooled", "ledger.dropped")
    assert [first[n] for n in numbers] == [5, 3, 2, 0]
    assert [second[n] for n in numbers] == [6, 4, 2, 0]


def test_drops_are_named_by_reason_and_number():
    """Each reason has its own set, of all that went for it so far."""
    ledger = Ledger()
    ledger.numbered("order", 10)
    ledger.dropped("order", [4, 5, 6], "spool_full")
    ledger.dropped("order", [11, 12], "buffer_full")
    ledger.dropped("order", [8, 7], "spool_full")
    (_, all_of_it), *dropped = totals(ledger)
    assert all_of_it["ledger.numbered"] == 12  # what the buffer evicted never reached the flusher's own count
    assert all_of_it["ledger.dropped"] == 7
    assert {(e["ledger.reason"], tuple(e["ledger.ranges"]), e["ledger.dropped"]) for _, e in dropped} == {
        ("spool_full", ("4-8",), 5),
        ("buffer_full", ("11-12",), 2),
    }


def test_a_set_with_many_holes_is_split():
    """An entry has a size that fits an event."""
    ledger = Ledger()
    ledger.dropped("order", list(range(0, 2 * (MAX_RANGES + 1), 2)), "spool_full")
    entries = [fields for name, fields in totals(ledger) if name == "ledger.dropped"]
    assert [len(entry["ledger.ranges"]) for entry in entries] == [MAX_RANGES, 1]


def test_the_end_is_told_once_of_every_category():
    """Also of those that did not change; later words tell of theirs alone."""
    ledger = Ledger()
    for category in ("order", "http"):
        ledger.numbered(category, 1)
        ledger.shipped(category, 1)
    totals(ledger)
    assert [fields["ledger.final"] for _, fields in totals(ledger, final=True)] == [True, True]
    assert totals(ledger, final=True) == []
    ledger.numbered("http", 1)
    assert [fields["ledger.category"] for _, fields in totals(ledger, final=True)] == ["http"]


def test_it_is_settled_when_nothing_depends_on_this_process():
    """Shipped, on disk, or dropped by an entry that got out."""
    ledger = Ledger()
    assert ledger.settled
    ledger.numbered("order", 3)
    ledger.shipped("order", 1)
    assert not ledger.settled
    ledger.spooled("order", 1)
    ledger.dropped("order", [3], "spool_full")
    assert ledger.settled
    ledger.dropped("ledger", [1], "spool_full")
    assert not ledger.settled
