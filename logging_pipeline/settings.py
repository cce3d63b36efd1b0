"""
Every setting, in one frozen object that is read once.

A value comes from, first found: the mapping given to `load` (Django: the dict ``LOGGING_PIPELINE``), the environment
variable ``LOGPIPE_<NAME>``, the default. Secrets have no default and do not show in a repr.
"""

from __future__ import annotations

import dataclasses
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from logging_pipeline.errors import ConfigurationError

__all__ = ["ENV_PREFIX", "LEVELS", "Settings", "adopt", "configured", "load"]

ENV_PREFIX = "LOGPIPE_"


def _setting(default: Any, meaning: str, *, secret: bool = False) -> Any:
    return dataclasses.field(default=default, repr=not secret, metadata={"meaning": meaning, "secret": secret})


_STATE_DIR = Path("var/logpipe")

EVENT_MIN_BYTES = 2_000  # the longest note that stands in for an event that was too large: see `journey.pack`
NAME_MAX_CHARS = 64  # a data stream's name has room for 255 bytes
_DASHBOARDS_DIR = Path("dashboards/definitions")
_KIBANA_DIR = Path("kibana")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a process of the pipeline needs to know; `docs/settings.md` lists the same."""

    # Whose events these are.
    app: str = _setting("app", "Dataset prefix: the data streams are logs-<app>.<category>-<namespace>.")
    namespace: str = _setting("default", "What a team keeps apart, e.g. staging from production.")
    service_name: str = _setting("app", "service.name of every event.")
    service_version: str = _setting("0", "service.version of every event: the release.")
    environment: str = _setting("development", "service.environment of every event.")
    host_name: str = _setting("", "host.name of every event; empty: the machine's own.")
    level: str = _setting("info", "The lowest level that is logged where no logger says otherwise.")
    levels: tuple[str, ...] = _setting((), "Levels by logger name: name=level, comma separated.")

    # Where they go.
    redis_url: str = _setting("", "Redis for logs, a database of its own; empty: log to the console only.", secret=True)
    logstash_tcp: str = _setting("", "host:port of a Logstash tcp input: the direct route of programs without Celery.")
    elasticsearch_url: str = _setting("", "Elasticsearch, with scheme and port.")
    elasticsearch_user: str = _setting("", "Its user, least privilege.")
    elasticsearch_password: str = _setting("", "That user's password.", secret=True)
    elasticsearch_ca: str = _setting("", "Path of the certificate authority; empty: the system's.")
    console: bool = _setting(True, "Also print events readably when standard error is a terminal or no broker is set.")

    # Kibana, where there is one.
    kibana_url: tuple[str, ...] = _setting(
        (), "Kibana, with scheme, port and base path; several: staging=https://…, production=https://…"
    )
    kibana_api_key: tuple[str, ...] = _setting((), "An API key of it; several: staging=…, production=….", secret=True)
    kibana_ca: tuple[str, ...] = _setting(
        (), "Path of its certificate authority; several: name=path; empty: the system's."
    )
    kibana_dir: Path = _setting(_KIBANA_DIR, "The built files that can be imported, *.ndjson.")
    kibana_link_hosts: tuple[str, ...] = _setting(
        (), "Hosts that imported dashboards may link to, comma separated; all others are refused."
    )

    # Dashboards.
    dashboards_dir: Path = _setting(_DASHBOARDS_DIR, "The definitions that the console draws, *.yml.")

    # The buffer.
    buffer_max_events: int = _setting(20_000, "Events kept in memory; when full, the lowest severity goes first.")
    flush_interval_s: float = _setting(0.5, "The longest that an event waits in memory, seconds.")
    batch_max_events: int = _setting(1_000, "Events in a batch.")
    batch_max_bytes: int = _setting(1_000_000, "Encoded bytes in a batch.")
    close_timeout_s: float = _setting(5.0, "The longest that a process waits at its end to hand over, seconds.")

    # What is left out on purpose; the ledger tells how much and which numbers.
    storm_limit_per_s: float = _setting(0.0, "Events of one name and level that pass in a second; 0: no limit.")
    storm_burst: int = _setting(1_000, "How many of them pass at once before the limit holds.")
    sample_http_ok: float = _setting(1.0, "Share of 2xx requests that is logged, whole traces at a time; 1: all.")

    # One event.
    event_max_bytes: int = _setting(
        64_000, "Encoded bytes of an event, at least 2,000; the longest texts are cut first."
    )
    text_max_chars: int = _setting(16_384, "Characters of one text value; stack traces keep both ends.")
    value_max_items: int = _setting(256, "Values that one event may carry; the rest is counted in labels.")

    # The hand-over.
    ship_timeout_s: float = _setting(1.0, "The longest that handing a batch to the broker may take, seconds.")
    high_water_events: int = _setting(500_000, "Events waiting in Redis above which producers spool to disk.")
    state_dir: Path = _setting(_STATE_DIR, "High-water files and the spool.")
    spool_max_bytes: int = _setting(
        1_000_000_000, "Bytes of batches that all processes with this state_dir keep while the broker is away."
    )
    queue: str = _setting("logs", "Celery queue that carries batches.")

    # The consumer.
    consume_batch_events: int = _setting(1_000, "Events taken from Redis at once.")
    lease_s: float = _setting(30.0, "After this long without a sign of life, another consumer takes its events over.")

    # The console.
    tail_connections: int = _setting(20, "Live tails open at once in one process of the console.")
    tail_connections_per_user: int = _setting(3, "Live tails open at once for one account.")
    tail_queue_events: int = _setting(2_000, "Events that wait for a slow reader of a live tail; more are skipped.")
    tail_check_s: float = _setting(15.0, "How often it is asked whether somebody may still watch, seconds.")

    # Privacy.
    hash_key: str = _setting("", "Key of user.hash; a secret of at least 32 characters.", secret=True)
    former_hash_keys: tuple[str, ...] = _setting(
        (), "Keys of user.hash before the present one, for logpipe forget; comma separated.", secret=True
    )
    trusted_proxies: tuple[str, ...] = _setting((), "Networks whose X-Forwarded-For is believed, comma separated.")
    mask_keys: tuple[str, ...] = _setting((), "Further key names whose values are masked, comma separated.")

    # Metrics.
    metrics_token: str = _setting(
        "", "Bearer token for /metrics from beyond loopback; empty: loopback only.", secret=True
    )

    metrics_port: int = _setting(0, "Loopback port for /metrics of workers and consumers; 0: none.")

    def __post_init__(self) -> None:
        if not self.host_name:
            object.__setattr__(self, "host_name", socket.gethostname())
        _check(self)

    @property
    def levels_by_logger(self) -> dict[str, str]:
        """The lowest level by logger name; the empty name stands for every other logger."""
        pairs = (item.partition("=") for item in self.levels)
        return {"": self.level, **{name.strip(): level.strip() for name, _, level in pairs}}

    @property
    def spool_dir(self) -> Path:
        """Where batches wait for the broker."""
        return self.state_dir / "spool"

    @property
    def producers_dir(self) -> Path:
        """Where each producer keeps the last numbers that it gave."""
        return self.state_dir / "producers"


def load(given: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """
    Read the settings once.

    Args:
        given: by field name, either case (``{"app": "shop"}``); wins over the environment.
        environ: default `os.environ`.

    Raises:
        ConfigurationError: an unknown name, or a value of the wrong type or out of range.
    """
    environ = os.environ if environ is None else environ
    fields = {f.name: f for f in dataclasses.fields(Settings)}
    values: dict[str, Any] = {}
    for name, field in fields.items():
        text = environ.get(ENV_PREFIX + name.upper())
        if text is not None:
            values[name] = _parse(name, text, field.default)
    for key, value in (given or {}).items():
        name = key.lower()
        if name not in fields:
            raise ConfigurationError(f"LOGGING_PIPELINE[{key!r}]", "no such setting", f"Known: {', '.join(fields)}")
        values[name] = _parse(name, value, fields[name].default)
    return Settings(**values)


_adopted: Settings | None = None


def adopt(settings: Settings) -> None:
    """Make *settings* those of this process."""
    global _adopted
    _adopted = settings


def configured() -> Settings:
    """The settings of this process: those adopted by `logging_pipeline.configure`, else the environment's."""
    return _adopted or load()


def _parse(name: str, value: Any, default: Any) -> Any:
    """*value* in the type of *default*; text is read as an environment variable would be."""
    try:
        if isinstance(default, bool):
            return value if isinstance(value, bool) else _TRUTH[str(value).strip().lower()]
        if isinstance(default, (int, float)):
            return type(default)(value)
        if isinstance(default, Path):
            return Path(value)
        if isinstance(default, tuple):
            return tuple(_split(value) if isinstance(value, str) else value)
        return str(value)
    except (KeyError, TypeError, ValueError):
        raise ConfigurationError(
            ENV_PREFIX + name.upper(),
            f"{value!r} is not a {type(default).__name__}",
            f"Give a value like {default!r}",
        ) from None


_TRUTH = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
    "": False,
}


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


LEVELS = ("debug", "info", "warning", "error", "critical")


def _check(settings: Settings) -> None:
    for name in ("app", "namespace"):
        value = getattr(settings, name)
        if not value or not all(c.isascii() and (c.islower() or c.isdigit() or c == "_") for c in value):
            raise ConfigurationError(
                ENV_PREFIX + name.upper(), f"{value!r} cannot be part of a data stream's name", "Use a-z, 0-9 and _"
            )
        if len(value) > NAME_MAX_CHARS:
            raise ConfigurationError(
                ENV_PREFIX + name.upper(), f"has {len(value)} characters", f"Use at most {NAME_MAX_CHARS}"
            )
    if settings.event_max_bytes < EVENT_MIN_BYTES:
        raise ConfigurationError(
            ENV_PREFIX + "EVENT_MAX_BYTES",
            f"{settings.event_max_bytes} bytes do not hold an event's own id, time and place",
            f"Give at least {EVENT_MIN_BYTES}",
        )
    for logger, level in settings.levels_by_logger.items():
        if level not in LEVELS:
            place = f"{ENV_PREFIX}LEVELS[{logger}]" if logger else f"{ENV_PREFIX}LEVEL"
            raise ConfigurationError(place, f"{level!r} is no level", f"Use one of {', '.join(LEVELS)}")
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        least = 0 if field.default == 0 or field.name == "sample_http_ok" else 1e-9
        if isinstance(value, (int, float)) and not isinstance(value, bool) and value < least:
            raise ConfigurationError(ENV_PREFIX + field.name.upper(), f"{value!r} is too small", "Give a larger value")
    if settings.sample_http_ok > 1:
        raise ConfigurationError(
            ENV_PREFIX + "SAMPLE_HTTP_OK", f"{settings.sample_http_ok!r} is no share", "Use a number between 0 and 1"
        )
    if settings.hash_key and len(settings.hash_key) < 32:
        raise ConfigurationError(
            ENV_PREFIX + "HASH_KEY",
            "is shorter than 32 characters",
            f'Make one: {Path(sys.executable).name} -c "import secrets; print(secrets.token_urlsafe(32))"',
        )
