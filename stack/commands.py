"""The subcommands of ``python -m stack``; each takes the settings and returns an exit code."""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from logging_pipeline.indexes import READER
from stack.environments import Environments
from stack.errors import StackError
from stack.leftovers import is_held
from stack.output import Output
from stack.preparation import environments, prepare
from stack.settings import StackSettings
from stack.supervisor import State, Supervisor

__all__ = ["COMMANDS", "env", "run", "status", "stop"]

STOP_PATIENCE_S = 120.0


def run(settings: StackSettings) -> int:
    """Start everything and stay until Ctrl-C."""
    output = Output()
    began = time.monotonic()
    programs = prepare(settings, lambda text: output.line("stack", text))
    status_file = settings.var_dir / "run" / "status.json"
    supervisor = Supervisor(
        programs,
        log_dir=settings.var_dir / "log",
        run_dir=settings.var_dir / "run",
        report=output.line,
        echo=output.line if settings.verbose else None,
        changed=lambda: _write_status(supervisor, status_file),
    )
    stopping, hurry = threading.Event(), threading.Event()
    _hear_signals(stopping, hurry)
    output.line("stack", f"starting {len(programs)} programs")

    def when_up() -> None:
        output.line("stack", f"everything is up after {time.monotonic() - began:.0f} s")
        output.block(_welcome(environments(settings)))

    try:
        supervisor.run(stopping, when_up=when_up)
    finally:
        output.line("stack", "stopping, nothing is lost meanwhile; Ctrl-C again kills")
        supervisor.stop(hurry)
        output.line("stack", "stopped")
    return 0


def stop(settings: StackSettings) -> int:
    """End the stack that runs, as Ctrl-C would."""
    pid_file = settings.var_dir / "stack.pid"
    if not _is_running(pid_file):
        print("The stack is not running.")
        return 0
    os.kill(int(pid_file.read_text()), signal.SIGTERM)
    deadline = time.monotonic() + STOP_PATIENCE_S
    while _is_running(pid_file):
        if time.monotonic() > deadline:
            raise StackError(
                "The stack has not ended", f"Look into {settings.var_dir / 'log'}; `kill` ends it by force"
            )
        time.sleep(0.2)
    print("Stopped.")
    return 0


def status(settings: StackSettings) -> int:
    """Show what every program is doing; 1 when not all are well."""
    if not _is_running(settings.var_dir / "stack.pid"):
        print("The stack is not running. Start it with `make run`.")
        return 1
    rows = json.loads((settings.var_dir / "run" / "status.json").read_text())
    for row in rows:
        restarts = f", {row['restarts']} restarts" if row["restarts"] else ""
        print(f"{row['name']:<14} {row['state']:<22} {'pid ' + str(row['pid']) if row['pid'] else ''}{restarts}")
    well = {State.HEALTHY.value, State.DONE.value}
    return 0 if all(row["state"] in well for row in rows) else 1


def env(settings: StackSettings) -> int:
    """Print exports for a shell: eval "$(python -m stack env)", then e.g. logpipe tail."""
    if not _is_running(settings.var_dir / "stack.pid"):
        print("stack: it is not running; these are the settings that it will have.", file=sys.stderr)
    for name, value in environments(settings).of("shell", READER).items():
        print(f"export {name}={shlex.quote(value)}")
    print(f'export PATH={shlex.quote(str(Path(sys.executable).parent))}:"$PATH"')
    return 0


COMMANDS: Mapping[str, Callable[[StackSettings], int]] = {"run": run, "stop": stop, "status": status, "env": env}


def _hear_signals(stopping: threading.Event, hurry: threading.Event) -> None:
    """The first Ctrl-C or SIGTERM stops in good order, the second by force."""

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: (hurry if stopping.is_set() else stopping).set())


def _is_running(pid_file: Path) -> bool:
    return pid_file.exists() and is_held(pid_file)


def _write_status(supervisor: Supervisor, file: Path) -> None:
    rows = [
        {
            "name": watched.program.name,
            "state": watched.state.value,
            "pid": watched.child.pid if watched.child and watched.child.exit_code() is None else None,
            "restarts": watched.restarts,
        }
        for watched in supervisor.watched.values()
    ]
    part = file.with_suffix(".part")
    part.write_text(json.dumps(rows, indent=1))
    part.replace(file)


def _welcome(known: Environments) -> str:
    words, var_dir = known.credentials, known.settings.var_dir
    rows = (
        ("Shop", f"{known.web_url}/"),
        ("Console", f"{known.console_url}/ops/"),
        ("Staff", f"staff@pine-and-kettle.example  password {words['SHOP_STAFF_PASSWORD']}"),
        ("Customer", f"ada@pine-and-kettle.example  password {words['SHOP_CUSTOMER_PASSWORD']}"),
        ("Demo", "made-up customers are shopping; off with: make run DEMO=off" if known.settings.demo else "off"),
        ("Shell", 'eval "$(make -s env)" and then e.g. logpipe tail, logpipe doctor'),
        ("Output", f"{var_dir / 'log'}/<program>.log"),
        ("Stop", "Ctrl-C here, or make stop"),
    )
    line = "─" * 76
    return "\n".join(["", line, *(f"  {name:<9} {text}" for name, text in rows), line, ""])
