"""
Events to Elasticsearch::

    elasticsearch {
      hosts => ["${LOGPIPE_ELASTICSEARCH_URL:http://127.0.0.1:9200}"]
      data_stream => false
      action => "create"
      index => "%{[data_stream][type]}-%{[data_stream][dataset]}-%{[data_stream][namespace]}"
      document_id => "%{[event][id]}"
    }

Logstash refuses a document's id, an index or a routing together with ``data_stream => true``, so it is refused here.
"""

from __future__ import annotations

from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.output_options import OUTPUT_OPTIONS
from logging_pipeline.logstash_engine.plugin import Context, ecs_option
from logging_pipeline.logstash_engine.running.elasticsearch_sink import ElasticsearchSink
from logging_pipeline.logstash_engine.running.interfaces import PluginSpec, Runtime, Sink

__all__ = ["OPTIONS", "check", "open"]

_TEMPLATES = "templates come from the contract (logpipe setup)"
_ILM = "retention comes with the templates (logpipe setup)"
_SNIFFING = "name the hosts in 'hosts'"
_SCRIPTS = "events are created, never updated"

OPTIONS: Options = {
    **OUTPUT_OPTIONS,
    "action": Option("string"),
    "api_key": Option("password"),
    "bulk_path": Option("string", default="/_bulk"),
    "ca_trusted_fingerprint": Option("string"),
    "cloud_auth": Option("password", unsupported="use 'user' and 'password'"),
    "cloud_id": Option("string", unsupported="use 'hosts'"),
    "compression_level": Option("number", default=1),
    "custom_headers": Option("hash", default={}),
    "data_stream": Option("string", allowed=("true", "false", "auto")),
    "data_stream_auto_routing": Option("boolean", default=True),
    "data_stream_dataset": Option("string", default="generic"),
    "data_stream_namespace": Option("string", default="default"),
    "data_stream_sync_fields": Option("boolean", default=True),
    "data_stream_type": Option("string", default="logs", allowed=("logs", "metrics", "synthetics", "traces")),
    "dlq_custom_codes": Option("number", default=[], several=True),
    "dlq_on_failed_indexname_interpolation": Option("boolean", default=True),
    "doc_as_upsert": Option("boolean", unsupported=_SCRIPTS),
    "document_id": Option("string"),
    "document_type": Option("string", unsupported="Elasticsearch has no document types any more"),
    "failure_type_logging_whitelist": Option("array", default=[]),
    "healthcheck_path": Option("string", default="/"),
    "hosts": Option("uri", default=["http://127.0.0.1:9200"], several=True),
    "http_compression": Option("boolean", default=False),
    "ilm_enabled": Option("string", default="false", allowed=("false",)),
    "ilm_pattern": Option("string", unsupported=_ILM),
    "ilm_policy": Option("string", unsupported=_ILM),
    "ilm_rollover_alias": Option("string", unsupported=_ILM),
    "index": Option("string"),
    "join_field": Option("string", unsupported="data streams have no joins"),
    "manage_template": Option("boolean", default=False),
    "parameters": Option("hash", default={}),
    "parent": Option("string", unsupported="data streams have no joins"),
    "password": Option("password"),
    "path": Option("string", default="/"),
    "pipeline": Option("string"),
    "pool_max": Option("number", default=1000),
    "pool_max_per_route": Option("number", default=100),
    "proxy": Option("uri"),
    "resurrect_delay": Option("number", default=5),
    "retry_initial_interval": Option("number", default=2),
    "retry_max_interval": Option("number", default=64),
    "retry_on_conflict": Option("number", default=1),
    "routing": Option("string"),
    "script": Option("string", unsupported=_SCRIPTS),
    "script_lang": Option("string", unsupported=_SCRIPTS),
    "script_type": Option("string", unsupported=_SCRIPTS),
    "script_var_name": Option("string", unsupported=_SCRIPTS),
    "scripted_upsert": Option("boolean", unsupported=_SCRIPTS),
    "silence_errors_in_log": Option("array", default=[]),
    "sniffing": Option("boolean", unsupported=_SNIFFING),
    "sniffing_delay": Option("number", unsupported=_SNIFFING),
    "sniffing_path": Option("string", unsupported=_SNIFFING),
    "ssl_certificate": Option("path"),
    "ssl_certificate_authorities": Option("path", default=[], several=True),
    "ssl_cipher_suites": Option("string", default=[], several=True),
    "ssl_enabled": Option("boolean"),
    "ssl_key": Option("path"),
    "ssl_keystore_password": Option("password", unsupported="use 'ssl_certificate' and 'ssl_key'"),
    "ssl_keystore_path": Option("path", unsupported="use 'ssl_certificate' and 'ssl_key'"),
    "ssl_keystore_type": Option("string", unsupported="use 'ssl_certificate' and 'ssl_key'"),
    "ssl_supported_protocols": Option("string", default=[], several=True),
    "ssl_truststore_password": Option("password", unsupported="use 'ssl_certificate_authorities'"),
    "ssl_truststore_path": Option("path", unsupported="use 'ssl_certificate_authorities'"),
    "ssl_truststore_type": Option("string", unsupported="use 'ssl_certificate_authorities'"),
    "ssl_verification_mode": Option("string", default="full", allowed=("full", "none")),
    "template": Option("path", unsupported=_TEMPLATES),
    "template_api": Option("string", unsupported=_TEMPLATES),
    "template_name": Option("string", unsupported=_TEMPLATES),
    "template_overwrite": Option("boolean", unsupported=_TEMPLATES),
    "timeout": Option("number", default=60),
    "upsert": Option("string", unsupported=_SCRIPTS),
    "user": Option("string"),
    "validate_after_inactivity": Option("number", default=10_000),
    "version": Option("string"),
    "version_type": Option("string"),
    "ecs_compatibility": ecs_option(),
}

_NOT_WITH_DATA_STREAM = ("document_id", "index", "routing", "version", "version_type")
_ACTIONS = ("create", "index")


def check(settings: Settings, context: Context) -> None:
    """
    Refuse combinations that Logstash refuses.

    Raises:
        LogstashConfigError: an option and ``data_stream => true``, or an action that this engine does not do.
    """
    action = settings["action"]
    if settings["data_stream"] == "true":
        for option in _NOT_WITH_DATA_STREAM:
            if option in settings.places:
                context.refuse(
                    f"{option!r} cannot stand together with data_stream => true; "
                    "write data_stream => false and name the data stream in 'index'",
                    settings,
                    option,
                )
        if action not in (None, "create"):
            context.refuse(f'a data stream takes action => "create" only, not {action!r}', settings, "action")
    if action is not None and "%{" not in action and action not in _ACTIONS:
        context.refuse(f"the action {action!r} is not supported: {_SCRIPTS}", settings, "action")
    if settings["api_key"] is not None and settings["user"] is not None:
        context.refuse("'api_key' and 'user' exclude each other", settings, "api_key")


def open(spec: PluginSpec, runtime: Runtime) -> Sink:
    """
    The running output; it connects with its first write.

    Raises:
        ConfigurationError: an address or a certificate authority is unusable.
    """
    return ElasticsearchSink(spec, runtime)
