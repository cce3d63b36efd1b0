"""
Compiles the statements of a pipeline to Python.

Two functions are generated, each once: ``run(events)``, the filters over a batch, and ``route(event)``, the outputs
that want an event. For ``filter { grok {...} if [status] >= 500 { mutate {...} } else { drop {} } }`` the first reads::

    def run(events):
        events = step_1(events)  # grok, line 1
        yes_1, no_1 = [], []  # if, line 1
        for event in events:
            try:
                if (v >= 500 if ...):
                    yes_1.append(event)
                    continue
            except ConditionError as error:
                lost(event, str(error), place_1)
                continue
            ...
            no_1.append(event)
        if yes_1:
            yes_1 = step_2(yes_1)  # mutate, line 1
        if no_1:
            no_1 = step_3(no_1)  # drop, line 1
        events = yes_1 + no_1
        return events

A step is a plugin at work on a list of events. Events that take the true branch come out before the others, as in
Logstash; where no filter multiplies events, the order that they came in is kept instead, because there it is the same.
A field that the conditions of one ``if`` and its ``else if`` ask for more than once is read once, before the first.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from logging_pipeline.errors import LogstashConfigError
from logging_pipeline.logstash_engine.comparisons import CONDITION_ERROR, ConditionError
from logging_pipeline.logstash_engine.conditions import ConditionCompiler
from logging_pipeline.logstash_engine.environment import Environment
from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.logstash_engine.events.tags import tag
from logging_pipeline.logstash_engine.language.parser import TOO_DEEP
from logging_pipeline.logstash_engine.language.syntax import Branch, Condition, Plugin, Statement
from logging_pipeline.logstash_engine.regexes import RegexTimeout
from logging_pipeline.logstash_engine.steps import Lost, Step

__all__ = ["compile_filters", "compile_routes"]

MakeStep = Callable[[Plugin], Step]


@dataclass(slots=True)
class _Source:
    """Lines of Python, indented as they come."""

    lines: list[str] = field(default_factory=list)
    depth: int = 0

    def add(self, line: str) -> None:
        self.lines.append("    " * self.depth + line)

    def function(self, name: str, namespace: dict[str, Any], file: str) -> Callable[[Any], Any]:
        """Run the lines and give the function *name* that they define; tracebacks show them."""
        text = "\n".join(self.lines) + "\n"
        shown = f"<{name} of {file}>"
        linecache.cache[shown] = (len(text), None, text.splitlines(keepends=True), shown)
        try:
            code = compile(text, shown, "exec")
        except (SyntaxError, RecursionError, MemoryError):  # Python takes a hundred levels of blocks, two of brackets
            raise LogstashConfigError(TOO_DEEP, file=file) from None
        exec(code, namespace)  # noqa: S102 - our own source; the configuration's texts are in it as literals
        function: Callable[[Any], Any] = namespace[name]
        return function


def compile_filters(
    statements: tuple[Statement, ...],
    make_step: MakeStep,
    lost: Lost,
    environment: Environment,
    *,
    ordered: bool,
    file: str,
) -> Callable[[list[Event]], list[Event]]:
    """
    The function that runs *statements* over a batch of events and gives those that come out.

    Args:
        make_step: compiles one plugin.
        lost: told of every event that a failing condition drops.
        ordered: no plugin multiplies events, so a branch leaves their order alone.

    Raises:
        LogstashConfigError: as `make_step` does, and for a condition that cannot be compiled.
    """
    namespace: dict[str, Any] = {
        "ConditionError": ConditionError,
        "RegexTimeout": RegexTimeout,
        "CONDITION_ERROR": CONDITION_ERROR,
        "lost": lost,
        "tag": tag,
    }
    writer = _FilterWriter(namespace, make_step, ConditionCompiler(namespace, environment), ordered=ordered)
    return writer.write(statements).function("run", namespace, file)


class _FilterWriter:
    def __init__(
        self, namespace: dict[str, Any], make_step: MakeStep, conditions: ConditionCompiler, *, ordered: bool
    ) -> None:
        self._namespace = namespace
        self._make_step = make_step
        self._conditions = conditions
        self._ordered = ordered
        self._source = _Source()
        self._steps = 0
        self._branches = 0

    def write(self, statements: tuple[Statement, ...]) -> _Source:
        self._source.add("def run(events):")
        self._source.depth += 1
        self._block(statements, "events")
        self._source.add("return events")
        return self._source

    def _block(self, statements: tuple[Statement, ...], events: str) -> None:
        for statement in statements:
            if isinstance(statement, Plugin):
                self._plugin(statement, events)
            else:
                self._branch(statement, events)

    def _plugin(self, plugin: Plugin, events: str) -> None:
        self._steps += 1
        name = f"step_{self._steps}"
        self._namespace[name] = self._make_step(plugin)
        self._source.add(f"{events} = {name}({events})  # {plugin.name}, line {plugin.place.line}")

    def _branch(self, branch: Branch, events: str) -> None:
        """The events are dealt out to the cases, each to the first that holds, then every case's body has its own."""
        self._branches += 1
        rest = f"no_{self._branches}"
        parts = {f"yes_{self._branches}_{number}": body for number, (_condition, body) in enumerate(branch.cases, 1)}
        self._deal([condition for condition, _body in branch.cases], list(parts), rest, events)
        for part, body in (*parts.items(), (rest, branch.otherwise)):
            if body:
                self._guarded(part, body)
        lists = [*parts, rest]
        if self._ordered:
            self._source.add(f"if {' + '.join(f'len({part})' for part in lists)} != len({events}):")
            self._source.depth += 1
        self._source.add(f"{events} = {' + '.join(lists)}")
        self._source.depth -= self._ordered

    def _deal(self, conditions: list[Condition], parts: list[str], rest: str, events: str) -> None:
        add = self._source.add
        for part in (*parts, rest):
            add(f"{part} = []")
        add(f"for event in {events}:")
        self._source.depth += 1
        reads, expressions = self._conditions.compile_all(conditions)
        for read in reads:
            add(read)
        for condition, expression, part in zip(conditions, expressions, parts, strict=True):
            place = part.replace("yes", "place")
            self._namespace[place] = condition.place
            add(f"try:  # if, line {condition.place.line}")
            add(f"    if {expression}:")
            add(f"        {part}.append(event)")
            add("        continue")
            add("except ConditionError as error:")
            add(f"    lost(event, str(error), {place})")
            add("    continue")
            add("except (RegexTimeout, RecursionError):")
            add("    tag(event, CONDITION_ERROR)")
        add(f"{rest}.append(event)")
        self._source.depth -= 1

    def _guarded(self, events: str, body: tuple[Statement, ...]) -> None:
        self._source.add(f"if {events}:")
        self._source.depth += 1
        self._block(body, events)
        self._source.depth -= 1


def compile_routes(
    statements: tuple[Statement, ...],
    index_of: Callable[[Plugin], int],
    failed: Callable[[Event, Exception], None],
    environment: Environment,
    *,
    file: str,
) -> Callable[[Event], list[int]]:
    """
    The function that gives the outputs that want an event, as *index_of* numbers them, in the order written.

    A condition that fails (an ordering of a missing field) takes its whole branch out, and *failed* is told.
    """
    namespace: dict[str, Any] = {"ConditionError": ConditionError, "RegexTimeout": RegexTimeout, "failed": failed}
    conditions = ConditionCompiler(namespace, environment)
    source = _Source()
    source.add("def route(event):")
    source.depth += 1
    source.add("wanted = []")
    _route_block(statements, index_of, conditions, source)
    source.add("return wanted")
    return source.function("route", namespace, file)


def _route_block(
    statements: tuple[Statement, ...], index_of: Callable[[Plugin], int], conditions: ConditionCompiler, source: _Source
) -> None:
    if not statements:
        source.add("pass")
    for statement in statements:
        if isinstance(statement, Plugin):
            source.add(f"wanted.append({index_of(statement)})  # {statement.name}, line {statement.place.line}")
            continue
        source.add("try:")
        source.depth += 1
        for number, (condition, body) in enumerate(statement.cases):
            source.add(f"{'elif' if number else 'if'} {conditions.compile(condition)}:")
            source.depth += 1
            _route_block(body, index_of, conditions, source)
            source.depth -= 1
        if statement.otherwise:
            source.add("else:")
            source.depth += 1
            _route_block(statement.otherwise, index_of, conditions, source)
            source.depth -= 1
        source.depth -= 1
        source.add("except (ConditionError, RegexTimeout, RecursionError) as error:")
        source.add("    failed(event, error)")
