"""The pipeline's page: a shell, and two parts that a script loads into it; each is a page of its own without one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import redis
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from logging_pipeline.console.access import VIEW_PIPELINE, aside_for, viewer
from logging_pipeline.console.pipeline.counting import Counting
from logging_pipeline.console.pipeline.examination import examined
from logging_pipeline.console.pipeline.stages import places
from logging_pipeline.console.pipeline.stored import Stored, stored
from logging_pipeline.console.pipeline.waiting import InRedis, explained, in_redis, on_disk
from logging_pipeline.console.responses import page, show
from logging_pipeline.console.store import pipeline_settings, store
from logging_pipeline.contract import contract
from logging_pipeline.errors import ConfigurationError, PipelineError
from logging_pipeline.settings import Settings

__all__ = ["accounts", "pipeline", "state"]

PART_HEADER = "X-Logpipe-Part"  # the page's script asks for the part alone
MAX_ROWS = 200

# Which producers are accounted for: the parameter's value, words, how far back they logged something.
RANGES: dict[str, tuple[str, timedelta | None]] = {
    "1h": ("last hour", timedelta(hours=1)),
    "24h": ("last 24 hours", timedelta(hours=24)),
    "7d": ("last 7 days", timedelta(days=7)),
    "all": ("ever", None),
}
COUNTING = Counting()


@require_safe
@page(VIEW_PIPELINE)
def pipeline(request: HttpRequest) -> HttpResponse:
    """The shell: nothing is asked for it, so it is there however ill the pipeline is."""
    return show(request, "pipeline.html", {"active": "Pipeline", "since": _since(request)})


@require_safe
@page(VIEW_PIPELINE)
def state(request: HttpRequest) -> HttpResponse:
    """The stages, what waits, what went wrong, and what `doctor` says."""
    settings, now = pipeline_settings(), timezone.now()
    waiting, redis_problem = _waiting(settings)
    found, store_problem = _stored(now)
    examination = examined(settings)
    disk = on_disk(settings)
    context = {
        "active": "Pipeline",
        "now": now,
        "places": places(settings, stored=found, redis=waiting, disk=disk, findings=examination.findings),
        "waiting": waiting,
        "lists": sorted(waiting.waiting.items(), key=lambda pair: -pair[1]) if waiting else [],
        "stored": found,
        "disk": disk,
        "examination": examination,
        "problems": [problem for problem in (redis_problem, store_problem) if problem],
        "aside": aside_for(viewer(request)),
    }
    return _part(request, "pipeline_state.html", "Pipeline: state", context)


@require_safe
@page(VIEW_PIPELINE)
def accounts(request: HttpRequest) -> HttpResponse:
    """What became of every number: 202 while it is being counted, which nobody waits for."""
    name = _since(request)
    words, back = RANGES[name]
    settings = pipeline_settings()
    since = timezone.now() - back if back else None
    counted = COUNTING.ask(name, settings, since, afresh="again" in request.GET)
    found = counted.found if counted else None
    rows = [] if found is None else found.rows()
    clean = set() if found is None else {key for key, account in found.accounts.items() if account.clean}
    rows.sort(key=lambda row: ((row["producer"], row["category"]) in clean, row["producer"], row["category"]))
    context = {
        "active": "Pipeline",
        "ranges": [(value, label) for value, (label, _) in RANGES.items()],
        "since": name,
        "words": words,
        "counted": counted,
        "running_s": COUNTING.since_s(),
        "rows": [_row(row, (row["producer"], row["category"]) in clean) for row in rows[:MAX_ROWS]],
        "more": max(len(rows) - MAX_ROWS, 0),
        "totals": _row({"producer": "", "category": "", **found.totals()}, found.clean) if found else None,
        "clean": found is not None and found.clean,
        "remembers": (settings.state_dir / "reconcile.json").is_file(),
        "state_dir": settings.state_dir.is_dir(),
    }
    return _part(request, "pipeline_accounts.html", "Pipeline: accounts", context, status=200 if counted else 202)


def _part(
    request: HttpRequest, template: str, title: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    if PART_HEADER in request.headers:
        response = show(request, template, context, status=status)
    else:
        response = show(
            request, "pipeline_part.html", {**context, "part": f"logpipe_console/{template}", "title": title}
        )
    patch_vary_headers(response, [PART_HEADER])
    return response


def _since(request: HttpRequest) -> str:
    given = request.GET.get("since", "")
    return given if given in RANGES else "1h"


def _waiting(settings: Settings) -> tuple[InRedis | None, str]:
    if not settings.redis_url:
        return None, "Redis cannot be asked: LOGPIPE_REDIS_URL is not set for the console."
    try:
        return in_redis(settings, contract()), ""
    except redis.RedisError as error:
        return None, explained(error)


def _stored(now: Any) -> tuple[Stored | None, str]:
    try:
        return stored(store(), contract(), now), ""
    except ConfigurationError as error:
        return None, f"Elasticsearch cannot be asked: {error}"
    except PipelineError as error:
        return None, str(error)


def _row(row: dict[str, Any], clean: bool) -> dict[str, Any]:
    """A row of accounts for the template: drops by reason in one place."""
    dropped = [(name[8:-1], count) for name, count in row.items() if name.startswith("dropped(") and count]
    return {**row, "dropped": sum(count for _, count in dropped), "reasons": dropped, "clean": clean}
