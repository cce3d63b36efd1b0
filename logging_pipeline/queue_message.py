"""
The Celery message that carries a batch, as it lies in Redis: msgpack, compressed, in base64, inside JSON.

The events of a batch have most of their bytes in common. The fastest compression leaves a tenth of them, for less time
than their way through base64, JSON and a socket takes otherwise; and other threads run meanwhile.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from typing import Any

import msgpack

__all__ = ["COMPRESSION", "CONTENT_TYPE", "batch_of", "compress"]

COMPRESSION = "zlib-fast"
CONTENT_TYPE = "application/x-zlib-fast"
"""The name under which kombu finds `compress`; Celery's own ``zlib`` takes twice as long."""


def compress(body: bytes) -> bytes:
    """*body*, for `zlib.decompress`."""
    return zlib.compress(body, level=1)


def batch_of(message: Mapping[str, Any]) -> tuple[str, dict[str, bytes]]:
    """
    The batch id and the bodies by category in *message*.

    Raises:
        ValueError: it is another task's message.
    """
    try:
        body = base64.b64decode(message["body"])
        if message["headers"].get("compression") == CONTENT_TYPE:
            body = zlib.decompress(body)
        (batch_id, bodies), *_ = msgpack.unpackb(body)
    except (KeyError, ValueError, TypeError, AttributeError, zlib.error) as error:
        raise ValueError(f"no batch: {error!r}") from error
    if type(batch_id) is not str or type(bodies) is not dict:
        raise ValueError("no batch: it has another form")
    return batch_id, bodies
