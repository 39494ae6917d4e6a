"""The web server in this process: one listener, stopped cleanly."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from jalon.vocab.errors import PortTaken
from jalon.vocab.text import N_, Text
from jalon.web.context import Context

GRACE_S = 3
"""What running answers may take after a stop; streams end at once."""


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio only turns Nagle's algorithm off where the protocol is named: 40 ms an answer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # At once: two sockets that only are bound may share a port.
        listener.listen()
    except OSError as error:
        listener.close()
        if error.errno not in (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL):
            raise
        text = N_("The web port {port} on {host} cannot be opened: {why}. Choose another one.")
        params = {"port": port, "host": host, "why": error.strerror}
        raise PortTaken(Text(text, params), host, port) from error
    return listener


class WebServer(uvicorn.Server):
    """Serves one application on one bound socket. `run()` blocks until `stop()`.

    uvicorn waits for open answers before the lifespan ends, and a live stream never ends by
    itself: so the streams are closed first.
    """

    def __init__(
        self,
        app: FastAPI,
        listener: socket.socket,
        ready: Callable[[], None] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._context: Context = app.state.context
        self._listener = listener
        self._ready = ready
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
        )
        if tls is not None:
            config.load()
            config.ssl = tls  # by its own options one cannot say which versions are spoken
        super().__init__(config)

    @property
    def port(self) -> int:
        """The port that is really open."""
        port: int = self._listener.getsockname()[1]
        return port

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until `stop`; in the main thread SIGINT and SIGTERM stop it too."""
        super().run(sockets or [self._listener])

    def stop(self) -> None:
        """Ask the server to end; callable from any thread and from a signal handler."""
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the listener, then tell that answers are given from now on."""
        await super().startup(sockets)
        if self._ready is not None and not self.should_exit:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the live streams, then everything else."""
        self._context.hub.close()
        await super().shutdown(sockets)
