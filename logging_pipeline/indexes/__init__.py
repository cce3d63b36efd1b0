"""
Where events are stored: templates from the contract, data streams, retention, the users' rights, the client.

Everything here works on the full Elasticsearch and on its small distribution, and can be run again.
"""

from logging_pipeline.indexes.client import client
from logging_pipeline.indexes.retention import RetentionReport, apply_retention
from logging_pipeline.indexes.roles import PRIVACY, READER, SETUP, WRITER, roles
from logging_pipeline.indexes.setup import SetupReport, Step, drift, is_set_up, setup
from logging_pipeline.indexes.store import Store
from logging_pipeline.indexes.streams import DEAD_LETTER, DISCARDED, all_streams, stream_name
from logging_pipeline.indexes.templates import templates

__all__ = [
    "DEAD_LETTER",
    "DISCARDED",
    "PRIVACY",
    "READER",
    "SETUP",
    "WRITER",
    "RetentionReport",
    "SetupReport",
    "Step",
    "Store",
    "all_streams",
    "apply_retention",
    "client",
    "drift",
    "is_set_up",
    "roles",
    "setup",
    "stream_name",
    "templates",
]
