"""A road and a host for links under test: they keep what a link says, and can be closed."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import orjson
from notebook import Notebook

from jalon.adapters.links.mqtt.codec import subject_of
from jalon.run.identity import Decide, Denied
from jalon.run.journal import Kind
from jalon.run.links import MAX_MESSAGE, Host, Link, LinkDown, RoadClosed
from jalon.vocab.text import Text


class KeptRoad:
    """Keeps what it is given, in order; takes nothing while `closed`."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, bytes]] = []
        self.closed = False

    def submit(self, messages: Sequence[tuple[str, bytes]], timeout_s: float = 10.0) -> None:
        """Keep them, or refuse them all; ValueError for what the real one could not carry."""
        for topic, payload in messages:
            if not subject_of(topic) or len(payload) > MAX_MESSAGE:
                raise ValueError(f"{len(payload)} bytes on {topic[:80]}")
        if self.closed:
            raise RoadClosed("closed by the test")
        self.messages += messages

    def said(self, topic: str) -> list[dict[str, object]]:
        """What came on a topic, as JSON objects."""
        return [orjson.loads(payload) for one, payload in list(self.messages) if one == topic]


class Served:
    """A link that is served in a thread of its own, and what it told on the way."""

    def __init__(self, link: Link, secrets: dict[str, str] | None = None) -> None:
        self.road = KeptRoad()
        self.stop = threading.Event()
        self.ups: list[str] = []
        self.up_each: list[int] = []
        """How often each conversation was said to stand."""
        self.notes: list[str] = []
        self.ends: list[str] = []
        self.journal = Notebook()
        self.decide: Decide = lambda _attempt: Denied(Kind.UNKNOWN_IDENTITY)
        self.folder: Path | None = None
        self._link = link
        self._secrets = secrets or {}
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def host(self) -> Host:
        """What the link is given."""
        return Host(
            self.road,
            self.stop,
            self._up,
            self._note,
            self._secrets.get,
            lambda: time.time_ns() // 1_000_000,
            self.decide,
            self.journal,
            self.folder,
        )

    def start(self) -> Served:
        """Serve, again and again, until told to stop."""
        self._thread.start()
        return self

    def close(self, within_s: float = 5) -> None:
        """Stop, and fail when that takes longer than a link may take, or when the link has ended
        before in a way that none may."""
        if not self.stop.is_set():
            assert self._thread.is_alive(), "the link broke"
        self.stop.set()
        self._thread.join(within_s)
        assert not self._thread.is_alive(), "the link did not stop"
        assert max(self.up_each, default=0) <= 1, "a conversation came up twice"

    def _up(self, detail: str) -> None:
        self.ups.append(detail)
        self.up_each[-1] += 1

    def _note(self, text: Text) -> None:
        self.notes.append(str(text))

    def _serve(self) -> None:
        while not self.stop.is_set():
            self.up_each.append(0)
            try:
                self._link.serve(self.host)
            except LinkDown as down:
                self.ends.append(str(down))
            except OSError as error:
                self.ends.append(str(error))
            self.stop.wait(0.05)
