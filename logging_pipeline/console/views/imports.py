"""Bring dashboards into Kibana: choose a file, see what would change, import it, take it back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from logging_pipeline.console.access import IMPORT_DASHBOARDS, viewer
from logging_pipeline.console.import_drafts import Draft, Drafts
from logging_pipeline.console.imports import (
    backups_of,
    built_files,
    kibana_at,
    latest_backups,
    log_step,
    look_into,
    places,
)
from logging_pipeline.console.responses import page, show
from logging_pipeline.console.store import pipeline_settings
from logging_pipeline.errors import ConfigurationError, KibanaError
from logging_pipeline.kibana.admission import MAX_FILE_BYTES
from logging_pipeline.kibana.push import push
from logging_pipeline.kibana.rollback import roll_back, way_back
from logging_pipeline.kibana.survey import survey

__all__ = ["backup", "choose", "review"]

MAX_REQUEST_BYTES = MAX_FILE_BYTES + 100_000  # the form around the file
MAX_PROBLEMS = 100


@csrf_exempt  # the token is in the body: `_choose` looks for it when the body is known to be small enough
@require_http_methods(["GET", "HEAD", "POST"])
@page(IMPORT_DASHBOARDS)
def choose(request: HttpRequest) -> HttpResponseBase:
    """Choose a space and a file; what is wrong with the file is said by line."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MAX_REQUEST_BYTES:
        return _chooser(request, [f"The file is larger than {MAX_FILE_BYTES} bytes"], status=413)
    return _choose(request)


@csrf_protect
def _choose(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _chooser(request)
    settings = pipeline_settings()
    name, _, space = request.POST.get("place", "").partition("/")
    known = {each.target.name: each.spaces for each in places(settings)}
    if space not in known.get(name, {}):
        return _chooser(request, ["Choose a space"], status=400)
    file, content = _brought(request)
    if not file:
        return _chooser(request, ["Choose a built version, or a file"], status=400)
    found = look_into(settings, content, file)
    if found.problems:
        log_step("audit.dashboards_uploaded", name, space, changes=[file], failure="invalid")
        return _chooser(request, list(found.problems), status=400, file=file)
    log_step("audit.dashboards_uploaded", name, space, changes=[file])
    draft = Drafts(settings.state_dir).keep(content, owner=_owner(request), name=file, target=name, space=space)
    return redirect(f"{reverse('logpipe_console:import_review')}?{urlencode({'draft': draft.token})}")


@require_http_methods(["GET", "HEAD", "POST"])
@page(IMPORT_DASHBOARDS)
def review(request: HttpRequest) -> HttpResponse:
    """What importing a draft would change; and, by POST, its import."""
    drafts = Drafts(pipeline_settings().state_dir)
    draft = drafts.get(request.GET.get("draft", ""), _owner(request))
    if draft is None:
        return show(request, "absent.html", {"what": "file", "id": request.GET.get("draft", "")}, status=404)
    done = drafts.backup_of(draft)
    if done:
        return redirect(_backup_url(draft.target, draft.space, done))
    if request.POST.get("do") == "drop" and drafts.take(draft):
        drafts.drop(draft)
        return redirect("logpipe_console:imports")
    return _import(request, drafts, draft) if request.method == "POST" else _review(request, drafts, draft)


def _import(request: HttpRequest, drafts: Drafts, draft: Draft) -> HttpResponse:
    settings = pipeline_settings()
    content = drafts.content(draft)
    if content is None or not drafts.take(draft):
        return _review(request, drafts, draft, status=409)
    objects = look_into(settings, content, draft.name).objects
    try:
        with kibana_at(settings, draft.target, draft.space) as kibana:
            outcome = push(
                kibana,
                backups_of(settings, draft.target, draft.space),
                objects,
                digest=request.POST.get("digest", ""),
                by=viewer(request).get_username(),
                ignore_missing=request.POST.get("ignore_missing") == "yes",
            )
    except KibanaError as error:
        drafts.give_back(draft)
        log_step("audit.dashboards_imported", draft.target, draft.space, failure="refused")
        return _review(request, drafts, draft, problem=str(error), status=409)
    if outcome.backup is None:
        drafts.give_back(draft)
        return _review(request, drafts, draft)
    drafts.became(draft, outcome.backup.id)
    keys = (*outcome.backup.touched, *outcome.backup.created)
    failure = "" if outcome.well else "incomplete"
    log_step(
        "audit.dashboards_imported", draft.target, draft.space, changes=keys, failure=failure, backup=outcome.backup.id
    )
    return redirect(_backup_url(draft.target, draft.space, outcome.backup.id))


def _review(
    request: HttpRequest, drafts: Drafts, draft: Draft, *, problem: str = "", status: int = 200
) -> HttpResponse:
    settings = pipeline_settings()
    context: dict[str, Any] = {"active": "Kibana", "draft": draft, "problem": problem}
    content = drafts.content(draft)
    if content is None:
        return show(request, "import_review.html", {**context, "taken": True}, status=status)
    try:
        with kibana_at(settings, draft.target, draft.space) as kibana:
            plan = survey(kibana, look_into(settings, content, draft.name).objects)
    except KibanaError as error:
        return show(request, "import_review.html", {**context, "problem": str(error)}, status=502)
    if request.method == "GET":
        log_step("audit.dashboards_compared", draft.target, draft.space, changes=[each.key for each in plan.pending])
    same = len(plan.differences) - len(plan.pending)
    return show(request, "import_review.html", {**context, "plan": plan, "same": same}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@page(IMPORT_DASHBOARDS)
def backup(request: HttpRequest) -> HttpResponse:
    """An import that was made, and what taking it back would change; by POST, that."""
    settings = pipeline_settings()
    name, space = request.GET.get("target", ""), request.GET.get("space", "")
    try:
        backups = backups_of(settings, name, space)
        about = backups.about(request.GET.get("id") or "none")
    except (ConfigurationError, KibanaError):
        return show(request, "absent.html", {"what": "backup", "id": request.GET.get("id", "")}, status=404)
    context: dict[str, Any] = {"active": "Kibana", "backup": about}
    try:
        with kibana_at(settings, name, space) as kibana:
            if request.method != "POST":
                return show(request, "import_backup.html", {**context, "way": way_back(kibana, backups, about)})
            outcome = roll_back(
                kibana,
                backups,
                about,
                digest=request.POST.get("digest", ""),
                by=viewer(request).get_username(),
            )
    except KibanaError as error:
        if request.method == "POST":
            log_step("audit.dashboards_rolled_back", name, space, failure="refused", backup=about.id)
        status = 409 if request.method == "POST" else 502
        return show(request, "import_backup.html", {**context, "problem": str(error)}, status=status)
    if outcome.backup is None:
        return redirect(_backup_url(name, space, about.id))
    keys = (*outcome.backup.touched, *outcome.backup.created)
    failure = "" if outcome.well else "incomplete"
    log_step("audit.dashboards_rolled_back", name, space, changes=keys, failure=failure, backup=outcome.backup.id)
    return redirect(_backup_url(name, space, outcome.backup.id))


def _chooser(
    request: HttpRequest, problems: list[str] | None = None, *, status: int = 200, file: str = ""
) -> HttpResponse:
    settings = pipeline_settings()
    context: dict[str, Any] = {
        "active": "Kibana",
        "built": built_files(settings),
        "file": file,
        "problems": (problems or [])[:MAX_PROBLEMS],
        "more_problems": max(len(problems or []) - MAX_PROBLEMS, 0),
        "max_megabytes": MAX_FILE_BYTES // 1_000_000,
    }
    try:
        known = places(settings)
    except ConfigurationError as error:
        return show(request, "imports.html", {**context, "unset": str(error)}, status=status)
    return show(
        request, "imports.html", {**context, "places": known, "backups": latest_backups(settings, known)}, status=status
    )


def _brought(request: HttpRequest) -> tuple[str, bytes]:
    """The file of the form: one that was uploaded, else a built one of that name."""
    uploaded = request.FILES.get("file")
    if uploaded is not None:
        return str(uploaded.name), uploaded.read()
    built = built_files(pipeline_settings()).get(request.POST.get("built", ""))
    return (built.name, built.read_bytes()) if built else ("", b"")


def _owner(request: HttpRequest) -> str:
    return str(request.user.pk)


def _backup_url(name: str, space: str, backup_id: str) -> str:
    query = urlencode({"target": name, "space": space, "id": backup_id})
    return f"{reverse('logpipe_console:import_backup')}?{query}"
