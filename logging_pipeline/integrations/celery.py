"""
Celery: context from the publisher into the task, exactly one ``task.run`` event an attempt.

The W3C ``traceparent`` travels in the headers of the message, with the request id and the user. It is continued by
retries, by redelivery after a lost worker, and, without any message, by eager tasks.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from billiard import current_process
from celery import Task, signals

from logging_pipeline.broker import STREAM_TASK
from logging_pipeline.contract.field_values import timestamp
from logging_pipeline.contract.traceparent import TraceContext, continued
from logging_pipeline.entrance import installed, pipeline
from logging_pipeline.integrations.standard_logging import ALREADY_TOLD
from logging_pipeline.journey.bind import bound, scope

__all__ = ["connect_celery", "context_of_headers", "tell"]

LOGGER = "logging_pipeline.task"
HEADER_CONTEXT = "logpipe_context"
HEADER_PUBLISHED = "logpipe_published_ns"
CARRIED = ("http.request.id", "user.id")


def connect_celery() -> None:
    """Connect the signals, once; the project's Celery app needs no setting."""
    for signal, receiver in _RECEIVERS.items():
        signal.connect(receiver, weak=False, dispatch_uid="logging_pipeline")
    ALREADY_TOLD.update({"celery.app.trace", "celery.worker.strategy"})
    Task.Request = "logging_pipeline.integrations.celery_request:Request"


def context_of_headers(headers: Mapping[str, Any]) -> dict[str, Any]:
    """The context in which a task with the message *headers* runs: in the publisher's trace, or in a new one."""
    trace = continued(_text(headers.get("traceparent")))
    carried = headers.get(HEADER_CONTEXT)
    context = {name: str(carried[name]) for name in CARRIED if name in carried} if isinstance(carried, Mapping) else {}
    return {**context, **_trace_fields(trace)}


@dataclass
class _Attempt:
    """One attempt at a task while it runs."""

    scope: AbstractContextManager[None]
    headers: Mapping[str, Any]
    started_ns: int = field(default_factory=time.time_ns)
    clock_ns: int = field(default_factory=time.perf_counter_ns)
    error: BaseException | None = None


_attempts: dict[str, list[_Attempt]] = {}
"""By task id; an eager task that retries runs its next attempt inside the one before."""


def _publishing(sender: str | None = None, headers: dict[str, Any] | None = None, **_: Any) -> None:
    if headers is None or sender == STREAM_TASK:
        return
    context = bound()
    headers[HEADER_PUBLISHED] = time.time_ns()
    headers[HEADER_CONTEXT] = {name: str(context[name]) for name in CARRIED if name in context}
    if "trace.id" in context:
        headers["traceparent"] = TraceContext(context["trace.id"], context["span.id"]).header


def _starting(task_id: str, task: Any, **_: Any) -> None:
    if task.name == STREAM_TASK:
        return
    request = task.request
    headers = {name: request.get(name) for name in ("traceparent", HEADER_CONTEXT, HEADER_PUBLISHED)}
    context = _inherited() if request.is_eager and not headers["traceparent"] else context_of_headers(headers)
    attempt = _Attempt(scope(context, fresh=True), headers)
    attempt.scope.__enter__()
    _attempts.setdefault(task_id, []).append(attempt)


def _failed(task_id: str, exception: BaseException | None = None, **_: Any) -> None:
    if task_id in _attempts:
        _attempts[task_id][-1].error = exception


def _retried(request: Any, reason: Any = None, **_: Any) -> None:
    if request.id in _attempts and isinstance(reason, BaseException):
        _attempts[request.id][-1].error = getattr(reason, "exc", None) or reason


def _ended(task_id: str, task: Any, state: str | None = None, **_: Any) -> None:
    if task_id not in _attempts:
        return
    attempt = _attempts[task_id].pop()
    if not _attempts[task_id]:
        del _attempts[task_id]
    try:
        if state is None and current_process().name != "MainProcess":
            return  # this prefork child is being ended; the worker's main process tells how
        request = task.request
        delivery = request.delivery_info or {}
        tell(
            task.name,
            task_id,
            state or "UNKNOWN",
            attempt=(request.retries or 0) + 1,
            queue=delivery.get("routing_key"),
            eager=bool(request.is_eager),
            queue_delay_ns=_delay(attempt),
            error=attempt.error,
            started_ns=attempt.started_ns,
            duration_ns=time.perf_counter_ns() - attempt.clock_ns,
        )
    finally:
        attempt.scope.__exit__(None, None, None)


def tell(
    name: str, task_id: str, state: str, *, error: BaseException | None, started_ns: int | None, **more: Any
) -> None:
    """Log the one ``task.run`` event of an attempt; *more* are fields of the category ``task`` by their aliases."""
    fields = {"task_name": name, "task_id": task_id, "state": state, **more}
    fields["outcome"] = "success" if state == "SUCCESS" else "failure" if state in _BAD else "unknown"
    if started_ns is not None:
        fields["event.start"] = timestamp(started_ns)
    if error is not None:
        fields["exc_info"] = error
    pipeline.emit(_BAD.get(state, 20), LOGGER, "task.run", fields)


_BAD = {"FAILURE": 40, "TIMEOUT": 40, "LOST": 40, "RETRY": 30, "REJECTED": 30}


def _inherited() -> dict[str, Any]:
    """An eager task is a unit of work of its own, inside the code that called it."""
    context = dict(bound())
    parent = context.get("trace.id"), context.get("span.id")
    header = TraceContext(*parent).header if all(parent) else None  # type: ignore[arg-type]  # both are text then
    return {**context, **_trace_fields(continued(header))}


def _trace_fields(trace: TraceContext) -> dict[str, str]:
    fields = {"trace.id": trace.trace_id, "transaction.id": trace.span_id, "span.id": trace.span_id}
    return {**fields, "parent.id": trace.parent_id} if trace.parent_id else fields


def _delay(attempt: _Attempt) -> int | None:
    published = attempt.headers.get(HEADER_PUBLISHED)
    return max(attempt.started_ns - published, 0) if isinstance(published, int) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _keep_logging_as_it_is(**_: Any) -> None:
    """With a receiver here, Celery leaves the root logger alone."""


def _close(**_: Any) -> None:
    """A prefork child ends with this signal and nothing else: no atexit, no finaliser."""
    producer = installed()
    if producer is not None:
        producer.close()


_RECEIVERS = {
    signals.before_task_publish: _publishing,
    signals.task_prerun: _starting,
    signals.task_failure: _failed,
    signals.task_retry: _retried,
    signals.task_postrun: _ended,
    signals.setup_logging: _keep_logging_as_it_is,
    signals.worker_process_shutdown: _close,
}
