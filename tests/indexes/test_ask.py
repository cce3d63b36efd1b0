"""A request to Elasticsearch that fails leaves nothing behind but its error."""

from __future__ import annotations

import gc
import socket
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from logging_pipeline.errors import StoreUnavailable
from logging_pipeline.indexes import client
from logging_pipeline.indexes.ask import ask
from logging_pipeline.settings import Settings


class Batch:
    """What a caller has in hand."""


@contextmanager
def server(treat: Callable[[socket.socket], object]) -> Iterator[str]:
    """The address of something that listens, and treats connections so."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                treat(connection)

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("fault", ["refuses", "closes", "hangs"])
def test_a_failed_request_keeps_nothing_of_its_callers(fault: str):
    """The garbage collector of a consumer looks seldom; an hour of failures would hold an hour's batches."""
    held: list[socket.socket] = []
    treatment: dict[str, Callable[[socket.socket], object]] = {"closes": socket.socket.close, "hangs": held.append}
    with server(treatment.get(fault, held.append)) as url:
        address = url if fault in treatment else "http://127.0.0.1:9"
        elasticsearch = client(Settings(elasticsearch_url=address), timeout_s=0.2)

        def fail() -> weakref.ref[Batch]:
            batch = Batch()
            with pytest.raises(StoreUnavailable):
                ask(elasticsearch, "POST", "/_bulk", body=b"{}\n", content_type="application/x-ndjson")
            return weakref.ref(batch)

        fail()  # what is imported and made once
        gc.collect()
        gc.disable()
        try:
            assert fail()() is None
        finally:
            gc.enable()
        elasticsearch.close()
    for connection in held:
        connection.close()
