"""The table of the bad days' accounts."""

from __future__ import annotations

__all__ = ["table"]


def table(rows: list[tuple[str, float, dict[str, int]]]) -> list[str]:
    """
    One line a day, as wide as it needs; nothing where there was no day.

    Args:
        rows: name, seconds, and numbers by column.
    """
    if not rows:
        return []
    dropped = sorted({name for *_, row in rows for name in row if name.startswith("dropped(")})
    names = ["numbered", "indexed", "discarded", "dead_lettered", *dropped, "in_flight", "lost", "unknown"]
    names += ["duplicates", "forged"]
    cells = [["", *names, "seconds"]]
    for name, seconds, row in rows:
        cells.append([name, *(str(row.get(column, 0)) if row else "?" for column in names), f"{seconds:.0f}"])
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join([line[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(line[1:], widths[1:], strict=True))])
        for line in cells
    ]
