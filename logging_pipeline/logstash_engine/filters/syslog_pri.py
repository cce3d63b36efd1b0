"""Takes a syslog priority apart into facility and severity: ``syslog_pri { syslog_pri_field_name => "pri" }``."""

from __future__ import annotations

from typing import Any

from logging_pipeline.logstash_engine.conversions import leading_integer
from logging_pipeline.logstash_engine.events.fields import Event, getter, parse_reference, setter
from logging_pipeline.logstash_engine.events.tags import tag
from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.plugin import MATCHED, Apply, Context, Outcome, ecs_option

__all__ = ["OPTIONS", "compile"]

_FACILITIES = [
    "kernel",
    "user-level",
    "mail",
    "daemon",
    "security/authorization",
    "syslogd",
    "line printer",
    "network news",
    "uucp",
    "clock",
    "security/authorization",
    "ftp",
    "ntp",
    "log audit",
    "log alert",
    "clock",
    "local0",
    "local1",
    "local2",
    "local3",
    "local4",
    "local5",
    "local6",
    "local7",
]
_SEVERITIES = ["emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug"]
_MISSING_PRIORITY = 13  # user-level, notice (RFC 3164)

OPTIONS: Options = {
    "syslog_pri_field_name": Option("string"),
    "use_labels": Option("boolean", default=True),
    "facility_labels": Option("array", default=_FACILITIES),
    "severity_labels": Option("array", default=_SEVERITIES),
    "ecs_compatibility": ecs_option(),
}

_ECS = (
    "[log][syslog][facility][code]",
    "[log][syslog][severity][code]",
    "[log][syslog][facility][name]",
    "[log][syslog][severity][name]",
)
_LEGACY = "syslog_facility_code", "syslog_severity_code", "syslog_facility", "syslog_severity"


def compile(settings: Settings, context: Context) -> Apply:
    """Compile to a function that reads one field."""
    if settings["syslog_pri_field_name"] is None:
        settings["syslog_pri_field_name"] = "[log][syslog][priority]" if context.ecs else "syslog_pri"
    read = getter(context.path(settings, "syslog_pri_field_name"))
    targets = _ECS if context.ecs else _LEGACY
    facility_code, severity_code, facility_name, severity_name = (setter(parse_reference(name)) for name in targets)
    facilities, severities = settings["facility_labels"], settings["severity_labels"]
    labels = settings["use_labels"]

    def apply(event: Event) -> Outcome:
        priority = _priority(read(event))
        facility, severity = priority >> 3, priority & 7
        severity_code(event, severity)
        facility_code(event, facility)
        if not labels:
            return MATCHED
        if facility >= len(facilities):
            tag(event, "_syslogpriparsefailure")
            return MATCHED
        if facility >= -len(facilities):  # a negative one counts from the end
            facility_name(event, facilities[facility])
        if severity < len(severities):
            severity_name(event, severities[severity])
        return MATCHED

    return apply


def _priority(value: Any) -> int:
    if value is None or value is False:
        return _MISSING_PRIORITY
    if value.__class__ is list:
        value = (value[0] if value else None) or 0
    return leading_integer(value) if value.__class__ is str else int(value)
