"""The NATS client protocol without sockets, and how MQTT topics are written as NATS subjects.

The parser takes bytes as they come from the socket and gives the messages they hold, in bulk:
this is the road every reading takes, and parsing is what a reader mostly does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

_UNSUPPORTED = re.compile(r"[\x00-\x20\x7f]")
"""What the server refuses in a topic because a subject cannot hold it."""


class Message(NamedTuple):
    """A message of the subscription `sid`. `header` is empty or starts with `NATS/1.0`."""

    sid: bytes
    subject: bytes
    reply: bytes
    header: bytes
    payload: bytes


@dataclass(slots=True)
class Parsed:
    """What a piece of the byte stream held.

    `pings` are to be answered with as many PONG; `errors` are the texts of -ERR; `info` is the
    last INFO as JSON.
    """

    messages: list[Message] = field(default_factory=list)
    pings: int = 0
    pongs: int = 0
    errors: list[str] = field(default_factory=list)
    info: bytes | None = None


class ProtocolError(ValueError):
    """The peer does not speak the NATS client protocol."""


class Parser:
    """Cuts the server's byte stream into messages, however the stream was split.

    Messages whose header holds `skip` are passed over.
    """

    def __init__(self, skip: bytes = b"") -> None:
        self._skip = skip
        self._rest = b""
        self._wanted = 0

    def feed(self, data: bytes) -> Parsed:
        """What is complete after `data`; the rest is kept. Raises ProtocolError."""
        parsed = Parsed()
        buffer = self._rest + data if self._rest else data
        if len(buffer) < self._wanted:  # a large payload still coming: do not look at it again
            self._rest = buffer
            return parsed
        self._wanted = 0
        position = self._parse(buffer, parsed)
        self._rest = buffer[position:]
        self._wanted -= position
        return parsed

    def _parse(self, buffer: bytes, parsed: Parsed) -> int:
        """Parse from the start; the offset of the first frame that is not complete.

        `MSG subject sid [reply] size` · `HMSG subject sid [reply] header-size size`
        """
        length = len(buffer)
        position = 0
        add, make = parsed.messages.append, tuple.__new__
        find, skip = buffer.find, self._skip
        while (end := find(b"\r\n", position)) >= 0:
            words = buffer[position:end].split(b" ")
            start = end + 2
            if words[0] not in _MESSAGES:
                _control(buffer[position:end], parsed)
                position = start
                continue
            try:
                size = int(words[-1])
                body = start + (int(words[-2]) if words[0] == b"HMSG" else 0)
                reply = words[3] if len(words) == _MESSAGES[words[0]] else b""
                after = start + size
                if after + 2 > length:
                    self._wanted = after + 2
                    break
                if not start <= body <= after:
                    raise ProtocolError("sizes that do not fit")
                header = buffer[start:body]
                if not skip or skip not in header:
                    # Half the cost of calling Message, in a loop that sees every message.
                    add(make(Message, (words[2], words[1], reply, header, buffer[body:after])))
            except (ValueError, IndexError) as error:
                raise ProtocolError(buffer[position:end].decode("utf-8", "replace")) from error
            position = after + 2
        return position


_MESSAGES = {b"MSG": 5, b"HMSG": 6}
"""The verbs that carry a message, and the words of their first line when it has a reply."""


def _control(line: bytes, parsed: Parsed) -> None:
    verb, _, rest = line.partition(b" ")
    match verb:
        case b"PING":
            parsed.pings += 1
        case b"PONG":
            parsed.pongs += 1
        case b"INFO":
            parsed.info = rest
        case b"-ERR":
            parsed.errors.append(rest.decode("utf-8", "replace").strip("' "))
        case b"+OK":
            pass
        case _:
            raise ProtocolError(line[:80].decode("utf-8", "replace"))


def publication(subject: str, payload: bytes, reply: str = "") -> bytes:
    """A PUB frame."""
    return b"PUB %s %s %d\r\n%s\r\n" % (subject.encode(), reply.encode(), len(payload), payload)


def subscription(subject: str, sid: bytes) -> bytes:
    """A SUB frame."""
    return b"SUB %s %s\r\n" % (subject.encode(), sid)


def status(header: bytes) -> tuple[int, str] | None:
    """The status code and text of a message that carries no data, such as (404, "No Messages")."""
    line = header.partition(b"\r\n")[0].removeprefix(b"NATS/1.0").strip()
    code, _, text = line.partition(b" ")
    return (int(code), text.decode("utf-8", "replace")) if code.isdigit() else None


class Delivery(NamedTuple):
    """Where a message stands in its stream: read from the reply subject of a delivery."""

    sequence: int
    delivery: int
    """Counts what this consumer delivered, from 1, without holes."""
    pending: int
    """Messages of the stream still behind this one."""


def delivery(reply: bytes) -> Delivery:
    """Read `$JS.ACK.<stream>.<consumer>.<delivered>.<sequence>.<delivery>.<time ns>.<pending>`.

    Raises ProtocolError for another shape (a JetStream domain would give one).
    """
    tokens = reply.split(b".")
    if len(tokens) == 9 and tokens[0] == b"$JS":
        with suppress(ValueError):
            return Delivery(int(tokens[5]), int(tokens[6]), int(tokens[8]))
    raise ProtocolError(reply.decode("utf-8", "replace"))


def delivered_ms(reply: bytes) -> int:
    """When the broker received the message with that reply subject (see `delivery`)."""
    return int(reply.rsplit(b".", 2)[1][:-6])


def subject_of(topic: str) -> str:
    """The NATS subject of an MQTT topic. Raises ValueError for a topic the server refuses.

    Levels become tokens: an empty level is written `/`, a dot inside a level `//`.
    """
    if not topic or _UNSUPPORTED.search(topic) or "+" in topic or "#" in topic:
        raise ValueError(topic)
    return _convert(topic)


def topic_of(subject: str) -> str:
    """The MQTT topic of a NATS subject: the inverse of `subject_of`."""
    return "/".join("" if part == "/" else part.replace("//", ".") for part in subject.split("."))


def subjects_of_filter(filter_: str) -> list[str]:
    """The NATS subjects that together stand for an MQTT topic filter.

    Two for a filter ending in `/#`, which in MQTT also matches the parent level. Raises
    ValueError for a filter the server refuses, and for a level `*` or `>`: in MQTT a letter like
    any other, but the server would take it for a wildcard.
    """
    levels = filter_.split("/")
    if (
        not filter_
        or not {"*", ">"}.isdisjoint(levels)
        or _UNSUPPORTED.search(filter_)
        or "#" in "".join(levels[:-1])
        or any(("+" in level or "#" in level) and len(level) > 1 for level in levels)
    ):
        raise ValueError(filter_)
    if levels == ["#"]:
        return [">"]
    if levels[-1] == "#":
        parent = _convert("/".join(levels[:-1]))
        return [parent, f"{parent}.>"]
    return [_convert(filter_)]


def _convert(topic: str) -> str:
    tokens = ["*" if level == "+" else level.replace(".", "//") for level in topic.split("/")]
    return ".".join(token or "/" for token in tokens)


def matcher(filters: list[str]) -> Callable[[str], bool]:
    """Whether a topic matches one of the MQTT topic filters."""
    patterns = []
    for filter_ in filters:
        subjects_of_filter(filter_)  # refuses what is not a filter
        pattern = "/".join("[^/]*" if x == "+" else re.escape(x) for x in filter_.split("/"))
        pattern = re.sub(r"(^|/)\\#$", lambda found: "(/.*)?" if found[1] else ".*", pattern)
        patterns.append(pattern)
    expression = re.compile("|".join(patterns) if patterns else r"(?!)", re.DOTALL)
    return lambda topic: expression.fullmatch(topic) is not None
