"""How every benchmark ends."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

__all__ = ["report"]


def report(results: dict[str, Any], file: Path | None) -> None:
    """Say what else the machine had to do, and write *results* into *file*, if there is to be one."""
    loads = os.getloadavg()
    told = ", ".join(f"{load:.1f}" for load in loads)
    print(f"load of this machine: {told} (over 1, 5, 15 minutes) on {os.cpu_count()} cores")
    if file:
        file.write_text(json.dumps({**results, "load": loads}, indent=2))
