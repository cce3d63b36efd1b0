"""The direct route: python-logstash's handler, a real TCP listener, the same events."""

from __future__ import annotations

import socket
import time

import pytest

from logging_pipeline.errors import BrokerUnavailable, ConfigurationError
from logging_pipeline.integrations.python_logstash import address, tcp_sender
from logging_pipeline.journey.pack import Batch
from logging_pipeline.producer import Producer
from logging_pipeline.settings import Settings
from tests.collector import Collector


def batch(*texts: str) -> Batch:
    lines = b"\n".join(b'{"message":"%s"}' % text.encode() for text in texts)
    return Batch("b", {"order": lines}, {"order": list(range(len(texts)))})


def test_a_program_logs_to_logstash_by_python_logstash(tmp_path):
    """Every event, numbered and masked, one JSON object a line."""
    with Collector() as collector:
        host, port = address(collector.address)
        producer = Producer(Settings(app="shop", state_dir=tmp_path), make_send=lambda: tcp_sender(host, port, 1.0))
        for number in range(1_000):
            producer.emit(20, "shop", f"event {number}", {"password": "hunter2"})
        producer.close()
        events = collector.wait_for(1_000, event__dataset="shop.system")
    assert [e["event"]["sequence"] for e in events] == list(range(1, 1_001))
    assert "hunter2" not in str(events)


def test_the_handler_is_python_logstashs():
    """Not a socket of our own: what its users know about it holds."""
    from logging_pipeline.integrations import python_logstash
    from logstash import TCPLogstashHandler

    assert issubclass(python_logstash._Handler, TCPLogstashHandler)


def test_nobody_listens():
    """The batch stays with the caller, who spools it; when somebody listens, it goes."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        send = tcp_sender("127.0.0.1", taken.getsockname()[1], 0.5)
        with pytest.raises(BrokerUnavailable, match="refused"):
            send(batch("x"))


def test_a_listener_that_went_away_is_noticed_before_the_next_batch():
    """Writing into a closed connection would lose it in silence."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        send = tcp_sender("127.0.0.1", listener.getsockname()[1], 0.5)
        send(batch("one"))
        connection, _ = listener.accept()
        assert connection.recv(100) == b'{"message":"one"}\n'
        connection.close()
        send(batch("two"))
        again, _ = listener.accept()
        with again:
            assert again.recv(100) == b'{"message":"two"}\n'


def test_a_listener_that_does_not_read_costs_no_more_than_the_timeout():
    """Its buffers fill, then the batch is refused."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        send = tcp_sender("127.0.0.1", listener.getsockname()[1], 0.2)
        started = time.monotonic()
        with pytest.raises(BrokerUnavailable, match="timed out"):
            send(batch(*["x" * 100_000] * 200))
        assert time.monotonic() - started < 5


@pytest.mark.parametrize("text", ["", "localhost", "localhost:", ":5959", "localhost:x", "localhost:0", "h:70000"])
def test_an_address_in_another_form_is_refused(text: str):
    """By the setting's name, with an example."""
    with pytest.raises(ConfigurationError, match="LOGPIPE_LOGSTASH_TCP"):
        address(text)


def test_addresses():
    """Names, IPv4 and IPv6."""
    assert address("logstash:5959") == ("logstash", 5959)
    assert address("[::1]:5959") == ("::1", 5959)
