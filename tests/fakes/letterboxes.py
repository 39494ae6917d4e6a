"""Real servers that take messages: mail over SMTP, and web services over HTTP."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class MailServer:
    """An SMTP server in a thread of its own. `refusals` answers a recipient's address with an error
    as `550 unknown`; `accounts` are those that may sign in. `mails` are the contents it took."""

    refusals: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    mails: list[EmailMessage] = field(default_factory=list)
    port: int = 0
    encrypted: list[bool] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient or not."""
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a mail."""
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.encrypted.append(session.ssl is not None)
        self.mails.append(mail)
        return "250 taken"

    def check(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        """Who signs in."""
        assert isinstance(data, LoginPassword)
        known = self.accounts.get(data.login.decode())
        return AuthResult(success=known == data.password.decode(), handled=False)

    def ids(self) -> list[str]:
        """The Message-IDs of what it took."""
        return [str(mail["Message-ID"]) for mail in self.mails]


@contextmanager
def mail_server(
    server: MailServer | None = None, tls: ssl.SSLContext | None = None, port: int = 0
) -> Iterator[MailServer]:
    """A server that takes mail while the context lasts; with `tls` only after STARTTLS, and with
    accounts only after signing in."""
    server = server or MailServer()
    loop = asyncio.new_event_loop()

    def session() -> SMTP:
        return SMTP(
            server,
            hostname="localhost",
            tls_context=tls,
            require_starttls=tls is not None,
            auth_required=bool(server.accounts),
            auth_require_tls=True,
            authenticator=server.check,
            loop=loop,
        )

    listening = loop.run_until_complete(loop.create_server(session, "127.0.0.1", port))
    server.port = listening.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(listening.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


@dataclass(frozen=True)
class Asked:
    """A request as it came; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class WebService:
    """A web service that keeps what it is asked. `answers` are given one after the other, then
    200; each is a status, headers and a body."""

    asked: list[Asked] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)


@contextmanager
def web_service(tls: ssl.SSLContext | None = None) -> Iterator[WebService]:
    """A service on a free port while the context lasts."""
    service = WebService()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("content-length", "0"))
            found = {name.lower(): value for name, value in self.headers.items()}
            content = self.rfile.read(length)
            if len(content) < length:
                return  # who asks was killed meanwhile
            asked = Asked(self.command, self.path, found, content)
            with service.lock:
                service.asked.append(asked)
                given = service.answers.pop(0) if service.answers else (200, {}, b"ok")
            status, headers, body = given
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            with suppress(BrokenPipeError, ConnectionResetError):
                self.wfile.write(body)

        do_GET = do_POST = do_PUT = _answer  # noqa: N815 - the library's names

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    scheme = "https" if tls else "http"
    service.url = f"{scheme}://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
