"""What devices send as the body of a request: checked at once, then handed to the durable road.

A device that speaks HTTP can be told what is wrong with what it sent, unlike one on MQTT: so a
body of which nothing can be used is answered with the reasons and goes no further.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import orjson

from jalon.adapters.links.mqtt.codec import matcher
from jalon.app import routing
from jalon.app.ingest import decode_whole
from jalon.app.running import Running
from jalon.app.sinks import messages
from jalon.run.batch import DeadLetter, RawBatch, Reason
from jalon.run.codecs import json, senml
from jalon.run.codecs.cbor import Cbor
from jalon.run.codecs.codec import Frame
from jalon.run.codecs.entry import Entry, Refused
from jalon.run.identity import Grant
from jalon.run.intake import MAX_PAYLOAD, Intake
from jalon.run.journal import Kind
from jalon.run.links import RoadClosed, frame_topic, telemetry_topic

JSON, CBOR, BYTES = "json", "cbor", "bytes"
MEDIA = {
    "application/json": JSON,
    "application/senml+json": JSON,
    "application/cbor": CBOR,
    "application/senml+cbor": CBOR,
    "application/octet-stream": BYTES,
}
"""How a body is read, by its media type."""
_CBOR = Cbor()

Messages = list[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Problem:
    """A part that was not taken, and why; `detail` is in English, as in dead letters."""

    reason: Reason
    detail: str
    device: str


@dataclass(slots=True)
class Receipt:
    """What became of a body: values taken, and what was not. `denied` are the devices for which
    the sender may not speak."""

    values: int = 0
    problems: list[Problem] = field(default_factory=list)
    denied: list[str] = field(default_factory=list)


class Posting:
    """Takes the bodies of one running solution. For any thread."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._known: tuple[tuple[object, ...], Intake] | None = None
        # Codecs are for one thread at a time.
        self._checking = threading.Lock()

    def take(
        self, grant: Grant, device: str, media: str, body: bytes, port: int | None = None
    ) -> Receipt:
        """Store what a device said, durably on return. `media` is a value of `MEDIA`.

        Raises RoadClosed when nothing is certain: the sender must try again.
        """
        if media == BYTES:
            return self._deliver(grant, {device: [(frame_topic(device, port), body)]})
        try:
            said = {device: _messages(telemetry_topic(device), media, body, self._running.now_ms())}
        except Refused as refused:
            return self._refuse(grant, Problem(refused.reason, refused.detail, device))
        return self._deliver(grant, said)

    def take_many(self, grant: Grant, media: str, body: bytes) -> Receipt:
        """Store what a gateway says for several devices: an object of bodies by device. Raises
        RoadClosed."""
        now = self._running.now_ms()
        said: dict[str, Messages] = {}
        problems = []
        try:
            parsed = _by_device(media, body)
        except Refused as refused:
            return self._refuse(grant, Problem(refused.reason, refused.detail, ""))
        for device, content in parsed.items():
            try:
                said[device] = _split(telemetry_topic(device), content, now)
            except Refused as refused:
                problems.append(Problem(refused.reason, refused.detail, device))
        receipt = self._deliver(grant, said)
        receipt.problems += problems
        return receipt

    def hand_over(self, grant: Grant, topic: str, payload: bytes) -> bool:
        """Store one message under its own topic, as a network server's; False when the sender may
        not. Raises RoadClosed."""
        if not may_publish(grant, topic):
            note(self._running, Kind.PUBLISH_DENIED, grant.identity, topic=topic)
            return False
        self._submit([(topic, payload)])
        return True

    def reads_bytes(self, device: str) -> bool:
        """Whether a codec is there for the device's bytes; also for one that does not exist."""
        solution = self._running.solution
        found = solution.device(device)
        return found is None or solution.things[found.thing].codec is not None

    def _deliver(self, grant: Grant, said: Mapping[str, Messages]) -> Receipt:
        receipt = Receipt()
        allowed: dict[str, Messages] = {}
        for device, some in said.items():
            topic = some[0][0] if some else telemetry_topic(device)
            if may_publish(grant, topic):
                allowed[device] = some
            else:
                receipt.denied.append(device)
                note(self._running, Kind.PUBLISH_DENIED, grant.identity, topic=topic)
        if some := self._checked(allowed, receipt):
            self._submit(some)
        return receipt

    def _checked(self, said: Mapping[str, Messages], receipt: Receipt) -> Messages:
        """What is of use; the rest is told and written down."""
        found: Messages = []
        now = self._running.now_ms()
        for device, some in said.items():
            topics, payloads = [one[0] for one in some], [one[1] for one in some]
            batch = RawBatch(topics, payloads, [now] * len(some))
            with self._checking:
                decoded = decode_whole(self._intake(), batch)
            receipt.values += len(decoded.columns)
            receipt.problems += [_problem(letter, device) for letter in decoded.letters]
            if len(decoded.columns):
                found += some
            elif decoded.letters:
                self._note(device, _problem(decoded.letters[0], device))
        return found

    def _refuse(self, grant: Grant, problem: Problem) -> Receipt:
        self._note(problem.device or grant.identity, problem)
        return Receipt(problems=[problem])

    def _note(self, device: str, problem: Problem) -> None:
        said = {"reason": problem.reason.value, "problem": problem.detail}
        note(self._running, Kind.PAYLOAD_REFUSED, device, **said)

    def _submit(self, some: Sequence[tuple[str, bytes]]) -> None:
        road = self._running.road
        if road is None:
            raise RoadClosed("the broker does not run yet")
        road.submit(some)

    def _intake(self) -> Intake:
        """Made anew when the solution's files were read again."""
        running = self._running
        made_of = running.solution, running.series, running.codecs
        known = self._known
        if known is None or any(a is not b for a, b in zip(known[0], made_of, strict=True)):
            known = self._known = made_of, routing.intake(*made_of)
        return known[1]


def note(running: Running, kind: Kind, name: str, *, address: str = "", **detail: str) -> None:
    """Write down what was refused, of a device when `name` is one."""
    known = running.solution.device(name) is not None
    device, who = (name, "") if known else (None, name)
    running.journal.note(kind, device, who=who, address=address, **detail)


def may_publish(grant: Grant, topic: str) -> bool:
    """Whether the topic is open to who was let in."""
    return _matches(grant.publish)(topic)


_matches = lru_cache(maxsize=4096)(lambda filters: matcher(list(filters)))


def _messages(topic: str, media: str, body: bytes, now_ms: int) -> Messages:
    """A body as messages that the intake takes. JSON that is short enough goes as it is: that is
    what the page with the raw frames shows. Raises Refused."""
    parsed = _parsed(media, body)
    if media == JSON and len(body) <= MAX_PAYLOAD:
        return [(topic, body)]
    return _split(topic, parsed, now_ms)


def _by_device(media: str, body: bytes) -> dict[str, object]:
    parsed = _parsed(media, body)
    if not isinstance(parsed, dict) or not parsed:
        raise Refused(Reason.MALFORMED, "expected an object of payloads by device")
    return parsed


def _parsed(media: str, body: bytes) -> object:
    if media == JSON:
        parsed = json.parse_many([body])[0]
    else:
        output = _CBOR.decode([Frame(body)])[0]
        parsed = output if isinstance(output, Refused) else output.values
    if isinstance(parsed, Refused):
        raise parsed
    return parsed


def _split(topic: str, parsed: object, now_ms: int) -> Messages:
    """What was parsed, written as JSON in messages that are short enough. Raises Refused."""
    items: Sequence[object]
    if not isinstance(parsed, list):
        items = [parsed]
    elif senml.is_senml(parsed):
        # Records lean on those before them: each is made whole before they are parted.
        items = [_whole(entry) for entry in senml.entries(parsed, now_ms)]
    else:
        items = parsed
    for number, item in enumerate(items, 1):
        if not isinstance(item, dict):
            raise Refused(Reason.MALFORMED, f"item {number}: expected an object of properties")
    objects = [item for item in items if isinstance(item, dict)]
    try:
        written = [orjson.dumps(parsed)] if isinstance(parsed, dict) else list(messages(objects))
    except TypeError as error:  # CBOR has whole numbers that JSON readers have not
        raise Refused(Reason.MALFORMED, str(error)) from None
    if not written:
        raise Refused(Reason.EMPTY, "no property in the message")
    return [(topic, payload) for payload in written]


def _whole(entry: Entry) -> dict[str, object]:
    value = entry.value if entry.unit is None else {"value": entry.value, "unit": entry.unit}
    return {json.TIME: entry.time, entry.name: value}


def _problem(letter: DeadLetter, device: str) -> Problem:
    return Problem(letter.reason, letter.detail, device)
