"""``logpipe reference``: the pages that follow from the code: settings, events and fields, metrics, commands."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from prometheus_client.metrics import MetricWrapperBase

from logging_pipeline import metrics
from logging_pipeline.contract import Category, Contract, Field, contract
from logging_pipeline.settings import ENV_PREFIX, Settings

__all__ = ["pages", "reference"]


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 when a page differs.")
@click.pass_context
def reference(context: click.Context, folder: Path, check: bool) -> None:
    """Write the reference pages into FOLDER: settings, events with their fields, metrics, commands."""
    differing = []
    for name, text in pages(contract(), context.parent.command if context.parent else None).items():
        path = folder / name
        if path.is_file() and path.read_text() == text:
            continue
        differing.append(str(path))
        if not check:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    for changed in differing:
        click.echo(f"{changed}: {'differs from the code' if check else 'written'}")
    sys.exit(bool(check and differing))


def pages(known: Contract, group: click.Command | None) -> dict[str, str]:
    """Every page's text by its file name."""
    made = {
        "settings.md": "\n".join(_settings()),
        "events.md": "\n".join(_events(known)),
        "metrics.md": "\n".join(_metrics()),
    }
    if isinstance(group, click.Group):
        made["commands.md"] = "\n".join(_commands(group))
    return {name: f"{_WRITTEN_BY}\n{text.rstrip()}\n" for name, text in made.items()}


_WRITTEN_BY = "<!-- Written by `logpipe reference`: change the code and run `make reference`. -->\n"


def _settings() -> Iterator[str]:
    yield "# Settings\n"
    yield (
        "Each is a keyword argument of `logging_pipeline.configure()` or an environment variable; the argument wins. "
        "Lists are comma separated.\n"
    )
    yield "| argument | variable | default | meaning |"
    yield "|---|---|---|---|"
    for field in dataclasses.fields(Settings):
        default = "" if field.default in ("", ()) else f"`{field.default}`"
        secret = " **Secret.**" if field.metadata["secret"] else ""
        variable = f"{ENV_PREFIX}{field.name.upper()}"
        yield f"| `{field.name}` | `{variable}` | {default} | {field.metadata['meaning']}{secret} |"


def _events(known: Contract) -> Iterator[str]:
    yield "# Events and fields\n"
    yield "What a search finds, by category; a category is a data stream `logs-<app>.<category>-<namespace>`.\n"
    for category in known.categories:
        yield from _category(category)
    yield "## Fields of every event\n"
    yield from _fields(known.core)


def _category(category: Category) -> Iterator[str]:
    yield f"## {category.name}\n"
    yield f"{category.description} Kept {category.retention_days} days.\n"
    if category.events:
        yield "| event | logged when | line |"
        yield "|---|---|---|"
        for event in category.events:
            yield f"| `{event.name}` | {event.description} | {f'`{event.message}`' if event.message else ''} |"
        yield ""
    if category.fields:
        yield from _fields(category.fields)


def _fields(fields: tuple[Field, ...]) -> Iterator[str]:
    yield "| field | type | argument | meaning |"
    yield "|---|---|---|---|"
    for field in fields:
        alias = f"`{field.alias}`" if field.alias else ""
        enriched = " Set by the Logstash pipelines." if field.enriched else ""
        yield f"| `{field.name}` | {field.type} | {alias} | {field.description}{enriched} |"
    yield ""


def _metrics() -> Iterator[str]:
    yield "# Metrics\n"
    yield "At `/metrics` of web processes, and on `LOGPIPE_METRICS_PORT` of workers and consumers.\n"
    yield "| metric | type | labels | meaning |"
    yield "|---|---|---|---|"
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            described = next(iter(metric.describe()))
            name = f"{described.name}_total" if described.type == "counter" else described.name
            labels = ", ".join(f"`{label}`" for label in metric._labelnames)
            yield f"| `{name}` | {described.type} | {labels} | {described.documentation} |"


def _commands(group: click.Group) -> Iterator[str]:
    yield "# Commands\n"
    yield f"{(group.help or '').strip()}\n"
    yield "Exit codes: 0 well, 1 something was found to be wrong, 2 wrong usage or settings, 130 interrupted.\n"
    yield from _each_command(group, "logpipe", "##")


def _each_command(group: click.Group, path: str, heading: str) -> Iterator[str]:
    for name, command in sorted(group.commands.items()):
        context = click.Context(command, info_name=f"{path} {name}", terminal_width=100)
        yield f"{heading} {path} {name}\n"
        yield f"```\n{command.get_help(context)}\n```\n"
        if isinstance(command, click.Group):
            yield from _each_command(command, f"{path} {name}", f"{heading}#")
