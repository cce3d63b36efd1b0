"""The console under uvicorn, as the stack runs it, over the database of the tests."""

from __future__ import annotations

import threading
import time

import uvicorn
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application

from stack.ports import free_port

START_S = 60.0


class AsgiServer:
    """One process' event loop on a thread; it serves the settings that hold when it is made."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        application = ASGIStaticFilesHandler(get_asgi_application())
        self._server = uvicorn.Server(
            uvicorn.Config(
                application,  # type: ignore[arg-type]
                port=self.port,
                lifespan="off",
                log_level="warning",
                access_log=False,
                proxy_headers=False,
                timeout_graceful_shutdown=1,
            )
        )
        self._thread = threading.Thread(target=self._server.run)

    def start(self) -> None:
        self._thread.start()
        deadline = time.monotonic() + START_S
        while not self._server.started:
            assert self._thread.is_alive(), "uvicorn ended"
            assert time.monotonic() < deadline, "uvicorn does not start"
            time.sleep(0.01)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()
