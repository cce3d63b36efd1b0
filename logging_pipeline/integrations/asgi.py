"""
ASGI servers: hand over what was collected when the server ends.

uvicorn ends its process by the signal that it was sent, after which nothing of Python runs any more. What it does
before is to send the lifespan event, which Django's application does not know; so wrap it::

    application = Lifespan(get_asgi_application())
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from logging_pipeline.entrance import installed

__all__ = ["Lifespan"]

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


class Lifespan:
    """An ASGI application: *inner*, and an answer to the server's lifespan events."""

    def __init__(self, inner: Application) -> None:
        self._inner = inner

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one connection, or the server itself."""
        if scope["type"] != "lifespan":
            await self._inner(scope, receive, send)
            return
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        producer = installed()
        if producer is not None:
            await asyncio.to_thread(producer.close)
        await send({"type": "lifespan.shutdown.complete"})
