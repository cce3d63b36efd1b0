"""``logpipe kibana``: look at an export, hold it to what Kibana has, import it, bring back what was there."""

from __future__ import annotations

import getpass
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

import logging_pipeline
from logging_pipeline.contract import contract
from logging_pipeline.dashboards.streams import fields_of_title
from logging_pipeline.errors import KibanaError
from logging_pipeline.kibana import telling
from logging_pipeline.kibana.backups import Backup, Backups
from logging_pipeline.kibana.client import DEFAULT_SPACE, Kibana
from logging_pipeline.kibana.file import read_file
from logging_pipeline.kibana.pull import pull as pull_objects
from logging_pipeline.kibana.push import push as push_objects
from logging_pipeline.kibana.rollback import roll_back
from logging_pipeline.kibana.rollback import way_back as look_back
from logging_pipeline.kibana.saved_objects import Key, SavedObject, ndjson
from logging_pipeline.kibana.survey import Plan, survey
from logging_pipeline.kibana.targets import target as target_named
from logging_pipeline.kibana.validate import validate_file

__all__ = ["kibana"]

BUILT = Path("kibana/dashboards.ndjson")
Command = TypeVar("Command", bound=Callable[..., None])


@click.group()
def kibana() -> None:
    """
    What Kibana imports.

    Which Kibana is a setting: LOGPIPE_KIBANA_URL, LOGPIPE_KIBANA_API_KEY, LOGPIPE_KIBANA_CA.
    """


def _where(command: Command) -> Command:
    """The options of every command that talks to Kibana."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="One JSON object; every change, whole."),
        click.option("--space", default=DEFAULT_SPACE, show_default=True, metavar="ID", help="The space's id."),
        click.option(
            "--target", default="", metavar="NAME", help="Which Kibana, where LOGPIPE_KIBANA_URL names several."
        ),
    ):
        command = option(command)
    return command


_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=BUILT)
_yes = click.option("--yes", is_flag=True, help="Do not ask before writing.")
_into = click.option(
    "--into", "choices", multiple=True, metavar="TYPE:ID=ID", help="Which of several to replace; may be given again."
)


@kibana.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def validate(file: Path) -> None:
    """
    Look for what is wrong with FILE, an export of saved objects, whoever made it.

    References, the JSON inside texts, versions of each type, types of panels; and for data views over this project's
    streams the fields. Exit code 1 when something is wrong; each line names the line, the object and the place. What
    8.19 is too old for, and 9.x may take, is said and no mistake.
    """
    problems = validate_file(file, _fields_of)
    for problem in problems:
        click.echo(str(problem), err=True)
    wrong = any(problem.kind != "newer" for problem in problems)
    if not wrong:
        click.echo(f"{file}: nothing wrong found.")
    sys.exit(wrong)


@kibana.command()
@_file
@_where
@_into
def diff(file: Path, target: str, space: str, as_json: bool, choices: tuple[str, ...]) -> None:
    """
    Show what importing FILE would change; writes nothing.

    Kibana's values are on the left, FILE's on the right. Exit code 1 when something differs.
    """
    objects = _objects(file)
    with _kibana(target, space) as (there, _backups):
        plan = survey(there, objects, _chosen(choices))
    _tell_plan(there, plan, as_json)
    sys.exit(bool(plan.pending or plan.missing))


@kibana.command()
@_file
@_where
@_into
@_yes
@click.option("--ignore-missing", is_flag=True, help="Import objects that refer to what is not there.")
def push(
    file: Path, target: str, space: str, as_json: bool, choices: tuple[str, ...], yes: bool, ignore_missing: bool
) -> None:
    """
    Import what is new or changed in FILE, after a backup.

    Shows what would change and asks; --json needs --yes. Exit code 1 when Kibana did not take everything.
    """
    _must_be_able_to_ask(yes, as_json)
    objects, chosen = _objects(file), _chosen(choices)
    with _kibana(target, space) as (there, backups):
        plan = survey(there, objects, chosen)
        if not as_json:
            _tell_plan(there, plan, as_json=False)
        if plan.pending and not yes:
            click.confirm(f"Write {_count(len(plan.pending), 'object')}?", abort=True)
        done = push_objects(
            there,
            backups,
            objects,
            digest=plan.digest,
            by=_who(),
            chosen=chosen,
            ignore_missing=ignore_missing,
        )
    if as_json:
        _echo_json({**_place(there), "differences": telling.as_json(plan.differences), **telling.outcome_as_json(done)})
    else:
        _echo(telling.outcome(done))
    sys.exit(not done.well)


@kibana.command()
@_file
@_where
@click.option(
    "--into",
    "out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to; default: FILE with .pulled in its name.",
)
def pull(file: Path, target: str, space: str, as_json: bool, out: Path | None) -> None:
    """
    Save what Kibana has of the objects in FILE, and of what carries its tag, and show how it differs.

    Kibana's values are on the left, FILE's on the right. Exit code 1 when something differs.
    """
    objects = _objects(file)
    with _kibana(target, space) as (there, _backups):
        found = pull_objects(there, objects)
    out = out or file.with_name(f"{file.stem}.pulled.ndjson")
    try:
        out.write_bytes(ndjson(found.objects).encode())
    except OSError as error:
        raise KibanaError(f"{out} cannot be written: {error.strerror}", "Name another file with --into") from error
    only_there = [str(key) for key in found.only_there]
    if as_json:
        made = {"saved": str(out), "objects": len(found.objects), "only_in_kibana": only_there}
        _echo_json({**_place(there), "differences": telling.as_json(found.plan.differences), **made})
    else:
        _tell_plan(there, found.plan, as_json=False)
        _echo(f"only in Kibana: {each}" for each in only_there)
        click.echo(f"{out}: {_count(len(found.objects), 'object')} saved.")
    sys.exit(bool(found.plan.pending or only_there))


@kibana.command()
@click.argument("backup", default="")
@_where
@_yes
@click.option("--list", "only_list", is_flag=True, help="Show the backups of this space, newest first.")
def rollback(backup: str, target: str, space: str, as_json: bool, yes: bool, only_list: bool) -> None:
    """
    Bring back what the space held before BACKUP; default: the newest.

    What was changed is restored, what was made is removed unless something refers to it by now. It has a backup of its
    own. --json needs --yes. Exit code 1 when Kibana did not take everything.
    """
    if not only_list:
        _must_be_able_to_ask(yes, as_json)
    with _kibana(target, space) as (there, backups):
        if only_list:
            _list(backups.all(), as_json)
            return
        about = backups.about(backup)
        way = look_back(there, backups, about)
        if not as_json:
            click.echo(f"{there.target.name}, space {there.space}: before {about.id} ({about.reason} by {about.by})")
            _echo(telling.way_back(way))
        count = len(way.pending) + len(way.removals)
        if count and not yes:
            click.confirm(f"Restore {len(way.pending)} and remove {_count(len(way.removals), 'object')}?", abort=True)
        done = roll_back(there, backups, about, digest=way.digest, by=_who())
    if as_json:
        _echo_json({**_place(there), "differences": telling.as_json(way.differences), **telling.outcome_as_json(done)})
    else:
        _echo(telling.outcome(done))
    sys.exit(not done.well)


@contextmanager
def _kibana(target: str, space: str) -> Iterator[tuple[Kibana, Backups]]:
    settings = logging_pipeline.configured()
    found = target_named(settings, target)
    with Kibana(found, space) as there:
        yield there, Backups(settings.state_dir, found.name, space)


def _objects(file: Path) -> list[SavedObject]:
    """The objects of a file that may be imported; else what is wrong with it, and the end."""
    hosts = logging_pipeline.configured().kibana_link_hosts
    found = read_file(file.read_bytes(), file.name, _fields_of, hosts)
    for problem in found.problems:
        click.echo(f"{file}: {problem}", err=True)
    if found.problems:
        sys.exit(1)
    return list(found.objects)


def _chosen(choices: Iterable[str]) -> dict[Key, str]:
    chosen = {}
    for choice in choices:
        parts = re.fullmatch(r"([a-z-]+):([^=]+)=(.+)", choice)
        if not parts:
            raise click.BadParameter(f"{choice!r} is not TYPE:ID=ID", param_hint="--into")
        chosen[Key(parts[1], parts[2])] = parts[3]
    return chosen


def _must_be_able_to_ask(yes: bool, as_json: bool) -> None:
    if not yes and (as_json or not sys.stdin.isatty()):
        raise click.UsageError("Nobody can be asked here: give --yes")


def _tell_plan(there: Kibana, plan: Plan, as_json: bool) -> None:
    if as_json:
        missing = [{"reference": str(reference), "of": str(who)} for reference, who in plan.missing]
        _echo_json({**_place(there), "differences": telling.as_json(plan.differences), "missing": missing})
        return
    click.echo(f"{there.target.name}, space {there.space}: Kibana {plan.kibana} at {there.target.url}")
    _echo(telling.plan(plan))


def _list(every: list[Backup], as_json: bool) -> None:
    if as_json:
        _echo_json(
            {
                "backups": [
                    {"id": b.id, "made_at": b.made_at, "reason": b.reason, "by": b.by, "state": b.state} for b in every
                ]
            }
        )
        return
    for each in every:
        counts = f"{len(each.touched)} changed, {len(each.created)} new"
        click.echo(f"{each.id}  {each.state:<8}  {counts:<22}  {each.reason} by {each.by}")
    if not every:
        raise KibanaError("There is no backup of this space", "logpipe kibana push makes one")


def _place(there: Kibana) -> dict[str, str]:
    return {"target": there.target.name, "space": there.space}


def _echo(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


def _echo_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as containers have
        return f"uid {os.getuid()}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _fields_of(title: str) -> set[str] | None:
    return fields_of_title(contract(), logging_pipeline.configured().app, title)
