"""Events from Redis: ``redis { data_type => "list" key => "logs:http" host => "127.0.0.1" db => 1 codec => json }``."""

from __future__ import annotations

import redis

from logging_pipeline.logstash_engine.input_options import INPUT_OPTIONS
from logging_pipeline.logstash_engine.options import Option, Options
from logging_pipeline.logstash_engine.running.decoding import decoder
from logging_pipeline.logstash_engine.running.interfaces import PluginSpec, Runtime, Source
from logging_pipeline.logstash_engine.running.redis_channel import RedisChannel
from logging_pipeline.logstash_engine.running.redis_list import RedisList

__all__ = ["OPTIONS", "open"]

OPTIONS: Options = {
    **INPUT_OPTIONS,
    "codec": Option("codec", default="json"),
    "batch_count": Option("number", default=125),
    "command_map": Option("hash", default={}),
    "data_type": Option("string", required=True, allowed=("list", "channel", "pattern_channel")),
    "db": Option("number", default=0),
    "host": Option("string", default="127.0.0.1"),
    "key": Option("string", required=True),
    "password": Option("password"),
    "path": Option("path"),
    "port": Option("number", default=6379),
    "ssl": Option("boolean", default=False),
    "threads": Option("number", default=1),
    "timeout": Option("number", default=5),
}


def open(spec: PluginSpec, runtime: Runtime) -> Source:
    """The running input; it connects with its first look."""
    settings = spec.settings
    client = redis.Redis(
        host=settings["host"],
        port=int(settings["port"]),
        db=int(settings["db"]),
        password=settings["password"],
        unix_socket_path=settings["path"],
        ssl=settings["ssl"],
        socket_timeout=float(settings["timeout"]),
        socket_connect_timeout=float(settings["timeout"]),
        health_check_interval=30,
        client_name="logpipe-consumer",
    )
    if settings["data_type"] != "list":
        pattern = settings["data_type"] == "pattern_channel"
        return RedisChannel(client, settings["key"], pattern=pattern, decode=decoder(spec))
    return RedisList(
        client,
        settings["key"],
        decode=decoder(spec),
        max_events=max(int(settings["batch_count"]), runtime.settings.consume_batch_events),
        lease_s=runtime.settings.lease_s,
    )
