"""What ``logpipe check`` finds in configurations before they run: errors, and constructs that can lose an event."""

from logging_pipeline.logstash_engine.checks.findings import Finding, check

__all__ = ["Finding", "check"]
