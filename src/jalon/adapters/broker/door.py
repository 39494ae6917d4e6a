"""The door: it asks who is let in for every client that connects, and answers the server."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable

from jalon.adapters.broker.claims import Question, denied, granted, question
from jalon.adapters.broker.nkeys import AccountKey, ServerKey
from jalon.adapters.links.mqtt.codec import Message, publication
from jalon.adapters.links.mqtt.connection import Access, Connection
from jalon.run.identity import Decide, Grant

SUBJECT = "$SYS.REQ.USER.AUTH"
TIMEOUT_S = 5
"""How long the server waits for an answer before it refuses the client."""

_SID = b"auth"
_RETRY_S = (0.005, 0.1)
"""Short at first: who connects while nobody answers waits for the whole of `TIMEOUT_S`."""
_QUICK_S = 2.0
_WAIT_S = 0.5
_REMEMBER_S = 3.0 * TIMEOUT_S
_DECISION_S = 1.0
_KNOWN = 200_000
_ANSWERS = 64
"""Sent together: under load many requests arrive at once, and the first must not wait for all."""

log = logging.getLogger(__name__)


class Door:
    """Answers the requests of one server from a thread of its own, and comes back to it by itself.

    While it does not answer, nobody new is let in and nobody inside is disturbed.
    """

    def __init__(self, decide: Decide, key: AccountKey, account: str) -> None:
        self._decide = decide
        self._key = key
        self._account = account
        self._access: Callable[[], Access] | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._open = threading.Event()
        self._deciding = threading.RLock()
        self._recent: deque[tuple[float, str, str, int]] = deque()
        self._inside: dict[int, str] = {}
        self._server = ""
        self.trouble = ""
        """Why it does not answer just now; empty when it does."""
        self.answered = 0
        self.late = 0
        """Requests that came to us when the server had given them up."""

    def start(self, access: Callable[[], Access]) -> None:
        """Begin to answer the server at `access`, which is asked again for each connection."""
        self._access = access
        self._thread = threading.Thread(target=self._run, name="door", daemon=True)
        self._thread.start()

    def wait_open(self, timeout_s: float) -> bool:
        """Wait until requests are answered; whether they are."""
        return self._open.wait(timeout_s)

    def stop(self) -> None:
        """Answer no more."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def recent(self, identity: str) -> list[tuple[str, int]]:
        """The (server, connection) let in as `identity` within the last seconds, some of which the
        server may not list yet: after this call, only decisions that began later are missing."""
        # Not for ever: a caller may hold a lock that the decision at hand waits for.
        held = self._deciding.acquire(timeout=_DECISION_S)
        try:
            found = list(self._recent)
        finally:
            if held:
                self._deciding.release()
        since = time.monotonic() - _REMEMBER_S
        return [
            (server, cid) for when, name, server, cid in found if name == identity and when > since
        ]

    def identity(self, cid: int) -> str:
        """Whom the connection with this number was let in as; empty when it was not, or so long
        ago that it is forgotten."""
        return self._inside.get(cid, "")

    def _run(self) -> None:
        lost = time.monotonic()
        while not self._stop.is_set():
            try:
                self._serve()
            except (OSError, ValueError) as error:
                self.trouble = str(error) or type(error).__name__
            except Exception as error:
                # Nobody could connect any more if this thread ended: shown, and tried again.
                log.exception("the door met a bug")
                self.trouble = repr(error)
            if self._open.is_set():
                lost = time.monotonic()
                self._open.clear()
            self._stop.wait(_RETRY_S[time.monotonic() > lost + _QUICK_S])

    def _serve(self) -> None:
        assert self._access is not None
        with Connection.open(self._access(), "jalon door") as connection:
            server = ServerKey(connection.server_id)
            if server.public != self._server:
                self._server = server.public
                self._inside.clear()
            connection.subscribe(SUBJECT, _SID)
            connection.flush(TIMEOUT_S)
            self.trouble = ""
            self._open.set()
            while not self._stop.is_set():
                messages = connection.receive(_WAIT_S)
                for first in range(0, len(messages), _ANSWERS):
                    some = messages[first : first + _ANSWERS]
                    if answers := b"".join(self._answered(one, server) for one in some):
                        connection.send(answers)

    def _answered(self, message: Message, server: ServerKey) -> bytes:
        if message.sid != _SID:
            return b""
        try:
            asked = question(message.payload, server)
        except ValueError as error:
            log.warning("a request at the door cannot be read: %s", error)
            return b""
        if asked.until < time.time():
            self.late += 1
            return b""
        self.answered += 1
        return publication(message.reply.decode(), self._decided(asked))

    def _decided(self, asked: Question) -> bytes:
        if asked.attempt is None:
            return denied(asked, "not MQTT", self._key)
        try:
            with self._deciding:
                decision = self._decide(asked.attempt)
                if isinstance(decision, Grant):
                    self._remember(decision.identity, asked)
            if isinstance(decision, Grant):
                return granted(asked, decision, self._account, self._key)
        except Exception:
            # A bug in one decision must not keep everybody else out.
            log.exception("deciding about %r met a bug", asked.attempt.user)
            return denied(asked, "bug", self._key)
        return denied(asked, decision.kind.value, self._key)

    def _remember(self, identity: str, asked: Question) -> None:
        now = time.monotonic()
        self._inside[asked.cid] = identity
        if len(self._inside) > _KNOWN:
            # The server never uses a number twice, and says nothing of who has left.
            del self._inside[next(iter(self._inside))]
        self._recent.append((now, identity, asked.server, asked.cid))
        while self._recent[0][0] < now - _REMEMBER_S:
            self._recent.popleft()
