"""One blocking connection to the NATS server, for one thread."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from jalon.adapters.links.mqtt.codec import Message, Parser, publication, subscription

_PIECE = 1 << 18
_REQUESTS = b"req"
_OPEN_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach the NATS server as the internal user."""

    host: str
    port: int
    user: str
    password: str


class Refused(ConnectionError):  # noqa: N818 - named for what happened
    """The server answered with an error that ends the connection, such as a wrong password."""


class Connection:
    """A NATS client connection. `received` counts bytes since it was opened.

    Every failure is a ConnectionError or a TimeoutError: the caller opens another connection.
    """

    def __init__(self, sock: socket.socket, skip: bytes = b"") -> None:
        self._socket = sock
        self._parser = Parser(skip)
        self._waiting: list[Message] = []
        self._inbox = f"_INBOX.{time.time_ns():x}.{sock.fileno()}"
        self._requests = 0
        self.received = 0
        self._pongs = 0
        self._info = b"{}"

    @classmethod
    def open(cls, access: Access, name: str, skip: bytes = b"") -> Self:
        """Connect and authenticate; messages whose header holds `skip` are never seen.

        Raises Refused, ConnectionError or TimeoutError.
        """
        sock = socket.create_connection((access.host, access.port), timeout=_OPEN_TIMEOUT_S)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = cls(sock, skip)
            options = {
                "verbose": False,
                "pedantic": False,
                "headers": True,
                "no_responders": True,
                "name": name,
                "lang": "jalon",
                "version": "1",
                "protocol": 1,
                "user": access.user,
                "pass": access.password,
            }
            hello = b"CONNECT %s\r\n" % json.dumps(options).encode()
            # In one piece: a refusal must find us reading, not writing to a closed socket.
            connection.flush(
                _OPEN_TIMEOUT_S, hello + subscription(f"{connection._inbox}.*", _REQUESTS)
            )
        except BaseException:
            sock.close()
            raise
        return connection

    @property
    def server_id(self) -> str:
        """The id of the server at the other end: its public key, new at each of its starts."""
        return str(json.loads(self._info).get("server_id", ""))

    def send(self, frames: bytes) -> None:
        """Send protocol frames as they are."""
        self._socket.settimeout(_OPEN_TIMEOUT_S)
        self._socket.sendall(frames)

    def subscribe(self, subject: str, sid: bytes) -> None:
        """Have the messages of `subject` delivered, marked `sid`."""
        self.send(subscription(subject, sid))

    def flush(self, timeout_s: float, frames: bytes = b"") -> None:
        """Send `frames` and wait until the server has processed everything sent so far."""
        wanted = self._pongs + 1
        self.send(frames + b"PING\r\n")
        deadline = time.monotonic() + timeout_s
        while self._pongs < wanted:
            self._pump(deadline)

    def reply_to(self, number: int) -> str:
        """A subject of this connection's own, for an answer that `receive` will give."""
        return f"{self._inbox}.p{number}"

    def request(self, subject: str, payload: bytes = b"", timeout_s: float = 5.0) -> Message:
        """Ask and wait for the answer; other messages meanwhile are kept for `receive`."""
        self._requests += 1
        reply = f"{self._inbox}.{self._requests}"
        wanted = reply.encode()
        self.send(publication(subject, payload, reply))
        deadline = time.monotonic() + timeout_s
        while True:
            looked_at = len(self._waiting)
            self._pump(deadline)
            for index in range(looked_at, len(self._waiting)):
                message = self._waiting[index]
                if message.sid == _REQUESTS and message.subject == wanted:
                    del self._waiting[index]
                    return message

    def receive(self, timeout_s: float) -> list[Message]:
        """The messages that arrived, in order; empty when none came in `timeout_s`.

        Answers to requests that were given up are among them, with their own `sid`.
        """
        if not self._waiting:
            try:
                self._pump(time.monotonic() + timeout_s)
            except TimeoutError:
                return []
        messages, self._waiting = self._waiting, []
        return messages

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _pump(self, deadline: float) -> None:
        """Read once. Raises TimeoutError at the deadline, ConnectionError when it is over."""
        self._socket.settimeout(max(0.0, deadline - time.monotonic()))
        try:
            data = self._socket.recv(_PIECE)
        except BlockingIOError as error:  # how a wait of 0 s says it
            raise TimeoutError from error
        if not data:
            raise ConnectionResetError("the server closed the connection")
        self.received += len(data)
        try:
            parsed = self._parser.feed(data)
        except ValueError as error:
            raise ConnectionError(str(error)) from error
        self._waiting.extend(parsed.messages)
        self._pongs += parsed.pongs
        self._info = parsed.info or self._info
        if parsed.pings:
            self.send(b"PONG\r\n" * parsed.pings)
        for text in parsed.errors:
            # A permission error does not end the connection, yet nothing we do may meet one.
            raise Refused(text)
