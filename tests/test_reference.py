"""The documentation says what the code says."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_reference_is_what_the_code_says() -> None:
    """Every setting, event, field, metric and command is documented as it is; `make reference` writes it anew."""
    run = subprocess.run(["make", "-s", "reference-check"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_docs_link_to_pages_that_exist() -> None:
    """No page of the documentation links to a file that is not there."""
    pages = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
    missing = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in _links(page.read_text())
        if not (page.parent / target).exists()
    ]
    assert missing == []


def _links(text: str) -> list[str]:
    targets = (part.split(")", 1)[0] for part in text.split("](")[1:])
    return [target.split("#")[0] for target in targets if "://" not in target and target.split("#")[0]]
