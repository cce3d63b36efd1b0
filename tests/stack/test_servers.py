"""The real servers, as the stack prepares and starts them."""

from __future__ import annotations

import time

import elasticsearch
import pytest
import redis

from logging_pipeline.indexes import READER, SETUP, WRITER
from tests.servers import ADMIN, ElasticsearchServer, RedisProcess

pytestmark = pytest.mark.stack


def test_redis_refuses_without_password(redis_server: RedisProcess, redis_url: str):
    """Nobody who merely reaches the port can read the logs."""
    address = redis_url.replace(redis_url.split("@")[0], "redis://").replace("@", "")
    with redis.Redis.from_url(address) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_redis_password_is_in_a_private_file_and_not_on_the_command_line(redis_server: RedisProcess, redis_url: str):
    """Other users of the machine see neither the file nor the password in a process list."""
    configuration = redis_server.folder / "valkey.conf"
    password = redis_url.split(":")[2].split("@")[0]
    assert configuration.stat().st_mode & 0o777 == 0o600
    assert password in configuration.read_text()
    assert all(password not in argument for argument in redis_server.command)


def test_redis_keeps_what_it_was_given_through_a_power_cut(redis_server: RedisProcess, redis_url: str):
    """Queued events outlive the server's process: everything is appended to disk, and nothing is ever evicted."""
    with redis.Redis.from_url(redis_url) as client:
        client.rpush("logs:http", "event")
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        time.sleep(1.5)  # appendfsync everysec
    redis_server.kill()
    redis_server.start()
    with redis.Redis.from_url(redis_url) as client:
        assert client.lrange("logs:http", 0, -1) == [b"event"]


def test_elasticsearch_has_the_users_of_the_pipeline_and_no_other(elasticsearch_server: ElasticsearchServer):
    """Every user gets in with its own password; the built-in superuser and wrong passwords do not."""
    for name in (SETUP, WRITER, READER, ADMIN):
        with elasticsearch_server.client(name) as client:
            assert client.cluster.health()["cluster_name"] == "logpipe"
    for name, password in (("elastic", "changeme"), (WRITER, "wrong")):
        with (
            elasticsearch.Elasticsearch(elasticsearch_server.url, basic_auth=(name, password)) as client,
            pytest.raises(elasticsearch.AuthenticationException),
        ):
            client.cluster.health()


def test_elasticsearch_passwords_are_hashed_in_private_files(elasticsearch_server: ElasticsearchServer):
    """The node's folder holds no password, and is closed to others."""
    config = elasticsearch_server.folder / "config"
    _, password = elasticsearch_server.user(WRITER)
    assert elasticsearch_server.folder.stat().st_mode & 0o777 == 0o700
    for path in (config / "users", config / "roles.yml", config / "elasticsearch.yml"):
        assert path.stat().st_mode & 0o777 == 0o600
        assert password not in path.read_text()


def test_elasticsearch_keeps_its_data_through_a_restart(elasticsearch_server: ElasticsearchServer, namespace: str):
    """What was stored is found by the next start."""
    with elasticsearch_server.client() as client:
        client.index(index=f"kept-{namespace}", id="1", document={"a": 1})
        elasticsearch_server.stop()
        assert not elasticsearch_server.running
        elasticsearch_server.start()
        assert client.get(index=f"kept-{namespace}", id="1")["_source"] == {"a": 1}


def test_a_paused_server_hangs_and_a_resumed_one_answers(elasticsearch_server: ElasticsearchServer):
    """Fault tests can tell a server that is away from one that does not answer."""
    with elasticsearch_server.client().options(request_timeout=1, max_retries=0) as client:
        elasticsearch_server.pause()
        with pytest.raises(elasticsearch.ConnectionTimeout):
            client.cluster.health()
        elasticsearch_server.resume()
        assert client.options(request_timeout=10).cluster.health()["number_of_nodes"] == 1
