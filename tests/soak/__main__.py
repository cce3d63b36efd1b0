"""``python -m tests.soak --minutes 60 --seed 7``: the soak on servers of its own."""

from __future__ import annotations

import argparse
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

from tests.bad_days.pipeline import Pipeline, make_streams
from tests.servers import ElasticsearchServer
from tests.soak.soak import soak


def main() -> int:
    """Run, print what was found; the exit code says whether all is well."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="default: a new one")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="logpipe-soak-"))
    folder.chmod(0o755)  # Elasticsearch's account has to reach its own folder below
    for name in ("elasticsearch", "pipeline", "day"):
        (folder / name).mkdir()
    elasticsearch = ElasticsearchServer(folder / "elasticsearch")
    try:
        elasticsearch.start()
        pipeline = Pipeline(folder / "pipeline", elasticsearch, make_streams(elasticsearch))
        try:
            pipeline.make_whole()
            outcome = soak(pipeline, folder / "day", minutes=arguments.minutes, seed=arguments.seed)
        finally:
            pipeline.end()
    finally:
        elasticsearch.kill()
        shutil.rmtree(folder)
    print("\n".join(outcome.lines()))
    return bool(outcome.complaints)


if __name__ == "__main__":
    sys.exit(main())
