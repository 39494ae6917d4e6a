"""What the server writes in its log about clients, read line by line; and the ear on that log.

A publish that is not permitted is acknowledged to the device all the same, and a payload that is
too large ends the connection without a word: the log is the only place that says so.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from jalon.adapters.links.mqtt.codec import topic_of

How = Literal["publish", "subscribe", "payload", "topic", "client-id", "certificate"]

_EVERY_S = 0.2
_PIECE = 1 << 18
"""The most that is read at a time: of a flood of complaints, the rest is passed over."""

_LINE = re.compile(
    r"\[\d+\] \S+ \S+ \[ERR\] (?P<address>\S+):\d+ - mid(?:_ws)?:(?P<cid>\d+)"
    r'(?: - (?P<client>"(?:[^"\\]|\\.)*"))? - (?P<what>.*)'
)
_GARBLED = re.compile(
    r"\[\d+\] \S+ \S+ \[ERR\] (?P<address>\S+):\d+ - mid(?:_ws)?:(?P<cid>\d+) - "
    r".*(?P<what>Publish|Subscription) Violation - Subject .*%!"
)
"""A client id with a percent sign takes the topic's place in the server's own formatting."""
_QUOTED = r'(?P<text>"(?:[^"\\]|\\.)*")'
_KINDS: tuple[tuple[How, re.Pattern[str]], ...] = (
    ("publish", re.compile(f"Publish Violation - Subject {_QUOTED}")),
    ("subscribe", re.compile(f"Subscription Violation - Subject {_QUOTED}, SID ")),
    ("payload", re.compile(r"maximum payload exceeded: (?P<text>\d+ vs \d+)")),
    ("topic", re.compile(r"(?P<text>character not supported for MQTT topics)")),
    ("client-id", re.compile(f"invalid character in client ID {_QUOTED}")),
    ("certificate", re.compile(r"TLS handshake error: (?P<text>.*certificate.*)")),
)


@dataclass(frozen=True, slots=True)
class Complaint:
    """A line about a client. `text` is the MQTT topic or filter for `publish` and `subscribe`, the
    bad client id for `client-id`, else the server's words; it is empty when the server garbled its
    line. `cid` is the connection's number."""

    how: How
    cid: int
    client_id: str
    address: str
    text: str


def complaint(line: str) -> Complaint | None:
    """The complaint in a line of the log; None for all other lines."""
    if garbled := _GARBLED.match(line):
        how: How = "publish" if garbled["what"] == "Publish" else "subscribe"
        return Complaint(how, int(garbled["cid"]), "", garbled["address"].strip("[]"), "")
    found = _LINE.match(line)
    if found is None:
        return None
    for kind, pattern in _KINDS:
        if inside := pattern.match(found["what"]):
            return Complaint(
                how=kind,
                cid=int(found["cid"]),
                client_id=_unquoted(found["client"] or '""'),
                address=found["address"].strip("[]"),
                text=_text(kind, inside["text"]),
            )
    return None


def _text(how: How, text: str) -> str:
    if how == "client-id":
        return _unquoted(text)
    if how in ("publish", "subscribe"):
        subject = _unquoted(text)
        if how == "subscribe":
            wild = {"*": "+", ">": "#"}
            subject = ".".join(wild.get(token, token) for token in subject.split("."))
        return topic_of(subject)
    return text


def _unquoted(text: str) -> str:
    """The inverse of Go's %q, as far as JSON shares it; what it does not share stays quoted."""
    with suppress(ValueError):
        return str(json.loads(text))
    return text.strip('"')


class LogEar:
    """Follows a log from its present end, through its rotations, in a thread of its own.

    `hear` gets each complaint once per look (5 a second) with how often it came.
    """

    def __init__(self, path: Path, hear: Callable[[Complaint, int], None]) -> None:
        self._path = path
        self._hear = hear
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="broker log", daemon=True)
        self._file: IO[bytes] | None = None
        self._rest = b""

    def start(self) -> None:
        """Begin to listen; what is in the log already is passed over."""
        self._open(at_end=True)
        self._thread.start()

    def stop(self) -> None:
        """Listen no more; what was written before is still heard."""
        self._stop.set()
        self._thread.join()
        if self._file is not None:
            self._file.close()

    def _run(self) -> None:
        while not self._stop.wait(_EVERY_S):
            self._look()
        self._look()

    def _look(self) -> None:
        if self._file is None:
            self._open()
        heard: Counter[Complaint] = Counter()
        lines = self._lines()
        if self._rotated():
            lines += self._lines()  # the last before the rotation
            self._open()
        for line in lines:
            if (found := complaint(line)) is not None:
                heard[found] += 1
        for found, times in heard.items():
            self._hear(found, times)

    def _lines(self) -> list[str]:
        if self._file is None:
            return []
        data = self._file.read(_PIECE)
        if len(data) == _PIECE:
            self._file.seek(0, os.SEEK_END)
        whole, _, rest = (self._rest + data).rpartition(b"\n")
        self._rest = rest[-_PIECE:]
        return whole.decode("utf-8", "replace").splitlines()

    def _open(self, *, at_end: bool = False) -> None:
        if self._file is not None:
            self._file.close()
        self._rest = b""
        try:
            self._file = self._path.open("rb")
        except FileNotFoundError:
            self._file = None
            return
        if at_end:
            self._file.seek(0, os.SEEK_END)

    def _rotated(self) -> bool:
        try:
            now = self._path.stat().st_ino
        except FileNotFoundError:
            return False  # between the renaming and the new file
        return self._file is None or os.fstat(self._file.fileno()).st_ino != now
