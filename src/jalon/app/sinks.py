"""Where imported history goes: into the store, or through the broker when the solution runs.

DuckDB lets one process write. While the solution runs, that is the solution: history then takes
the road of every message, which is durable and knows repetitions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Protocol

import orjson

from jalon.adapters.links.mqtt.publisher import Publisher
from jalon.app import credentials, routing
from jalon.app.local import Endpoint, read_run
from jalon.app.readings import open_store
from jalon.app.solution import Solution
from jalon.app.tls import local_trust
from jalon.run.batch import Columns
from jalon.run.codecs import json as codec
from jalon.run.intake import MAX_PAYLOAD
from jalon.run.links import telemetry_topic
from jalon.run.ports import Appended, ReadingStore, Series
from jalon.vocab.errors import BrokerError
from jalon.vocab.reading import Location, Value, ValueKind
from jalon.vocab.text import N_, Text

_FLUSH_S = 120.0


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of rows: how the store counted them, or how many the broker took in charge."""

    appended: Appended | None
    acknowledged: int = 0


class Sink(Protocol):
    """Takes rows; durable on return."""

    series: routing.SeriesByName
    """The ids that the rows are to carry."""

    def keep(self, rows: Columns) -> Kept:
        """Keep the rows. Raises JalonError when that is not possible."""


@contextmanager
def open_sink(solution: Solution) -> Iterator[Sink]:
    """The way that is open now. Raises StoreError or UsageError when there is none."""
    run = read_run(solution.folder)
    if run is None:
        with closing(open_store(solution.folder)) as store:
            yield StoreSink(solution, store)
    else:
        with closing(BrokerSink(solution, run.mqtt)) as sink:
            sink.connect()
            yield sink


class StoreSink:
    """Writes into the store itself."""

    def __init__(self, solution: Solution, store: ReadingStore) -> None:
        self._store = store
        self.series = routing.by_name(store.declare(routing.specs(solution)))

    def keep(self, rows: Columns) -> Kept:
        """One transaction."""
        return Kept(self._store.append(rows))


class BrokerSink:
    """Publishes as the importer, with QoS 1, to each device's own topic."""

    def __init__(self, solution: Solution, broker: Endpoint) -> None:
        self._folder = solution.folder
        tls = local_trust(solution.folder) if broker.tls else None
        self._publisher = Publisher(broker.near, broker.port, tls=tls)
        found = [Series(number, spec) for number, spec in enumerate(routing.specs(solution))]
        self.series = routing.by_name(found)
        self._known: Mapping[int, Series] = {one.id: one for one in found}

    def connect(self) -> None:
        """Open the session. UsageError when the broker refuses it."""
        user = credentials.IMPORTER
        self._publisher.open(user, credentials.password(self._folder, user))
        self._publisher.wait_connected()

    def keep(self, rows: Columns) -> Kept:
        """Publish the rows and wait until the broker has them all. BrokerError when it does not
        answer."""
        for device, objects in self._by_device(rows).items():
            topic = telemetry_topic(device)
            for content in messages(objects):
                while not self._publisher.has_room:
                    self._publisher.poll(0.5)
                self._publisher.publish(credentials.IMPORTER, topic, content)
        if not self._publisher.flush(_FLUSH_S):
            raise BrokerError(
                Text(N_("The broker acknowledges nothing more. Run the import again to go on."))
            )
        return Kept(None, len(rows))

    def close(self) -> None:
        """End the session."""
        self._publisher.close()

    def _by_device(self, rows: Columns) -> dict[str, list[dict[str, object]]]:
        found: dict[str, list[dict[str, object]]] = {}
        for row, (number, time_ms) in enumerate(zip(rows.series, rows.times_ms, strict=True)):
            spec = self._known[number].spec
            value = codec.written(_value(rows, row, spec.kind))
            objects = found.setdefault(spec.device, [])
            last = objects[-1] if objects else {}
            # A time that comes twice stays two values: the store keeps the first of them.
            if last.get("ts") == time_ms and spec.property not in last:
                objects[-1][spec.property] = value
            else:
                objects.append({"ts": time_ms, spec.property: value})
        return found


def messages(objects: Iterable[Mapping[str, object]]) -> Iterator[bytes]:
    """JSON arrays of the objects, each as long as the intake takes; an object that is too long by
    itself goes alone."""
    waiting: list[bytes] = []
    size = 1
    for text in map(orjson.dumps, objects):
        if waiting and size + len(text) + 1 > MAX_PAYLOAD:
            yield b"[" + b",".join(waiting) + b"]"
            waiting, size = [], 1
        waiting.append(text)
        size += len(text) + 1
    if waiting:
        yield b"[" + b",".join(waiting) + b"]"


def _value(rows: Columns, row: int, kind: ValueKind) -> Value:
    match kind:
        case ValueKind.NUMBER:
            return rows.numbers[row]
        case ValueKind.BOOLEAN:
            return bool(rows.numbers[row])
        case ValueKind.TEXT:
            return rows.texts[row]
        case ValueKind.LOCATION:
            return Location.parse(rows.texts[row])
