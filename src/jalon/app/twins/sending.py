"""Tells devices what is wanted of them and is not so yet.

The difference is one retained message on `v1/<device>/desired`: a device that was away gets it when
it comes back. As soon as nothing is different any more, the message is taken away again.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import orjson

from jalon.adapters.stores.registry import TwinTable
from jalon.adapters.stores.registry.twins import Errand
from jalon.app.ground import Ground
from jalon.app.solution import Solution
from jalon.app.twins.reported import Reported
from jalon.app.worker import Worker
from jalon.run.fleet import Device
from jalon.run.journal import Kind
from jalon.run.ports import Latest
from jalon.run.twins.document import Twin
from jalon.run.twins.evaluation import same
from jalon.vocab.errors import BrokerError, UsageError
from jalon.vocab.text import N_, Text

log = logging.getLogger(__name__)

Carry = Callable[[Device, str, bytes, bool], None]
"""(device, leaf of its topic, payload, retain): on return it was taken in charge. Raises
BrokerError when it may work later, UsageError when it never will."""

Radio = Callable[[str, Mapping[str, object]], None]
"""(LoRaWAN device, values): the codec of its type writes them into a frame that the network server
sends after the next uplink. Raises as a Carry does."""

LEAF = "desired"
AGAIN_MS = 900_000
"""What nobody keeps for a device (LoRaWAN, links) is sent again after this time, while it is still
open."""
MOST_TRIES = 5
_FIRST_RETRY_MS, _LONGEST_RETRY_MS = 2_000, 300_000
_EVERY_S = 0.5
_AT_ONCE = 200


class Sender:
    """A thread. What is to be sent is known from the registry, so that nothing is forgotten when
    the process is killed: at worst a message is sent once more, and it says the same."""

    def __init__(self, ground: Ground, table: TwinTable, known: Reported) -> None:
        self._ground = ground
        self._table = table
        self._known = known
        self.carry: Carry | None = None
        self.radio: Radio | None = None
        self._solution: Solution | None = None
        # By series: the device, what is wanted, and whether it is so; read by the intake's thread.
        self._watched: dict[int, tuple[str, object, bool]] = {}
        self._moved: deque[str] = deque()
        self._worker = Worker("twins", self._turn, _EVERY_S)

    def start(self) -> None:
        """Begin, with what was open before."""
        self._worker.start()

    def stop(self) -> None:
        """Finish what is being sent, and end."""
        self._worker.stop()

    def wake(self) -> None:
        """There may be something to send. Returns at once."""
        self._worker.wake()

    def measured(self, news: Sequence[Latest]) -> None:
        """New values: those that make a wish so, or no longer so, are looked at."""
        for one in news:
            watched = self._watched.get(one.series)
            if watched is not None and same(watched[1], one.value) is not watched[2]:
                self._moved.append(watched[0])
                self._worker.wake()

    def look(self) -> None:
        """One round: everything that is due."""
        solution = self._ground.solution()
        if solution is not self._solution:
            self._learn()
            self._solution = solution
        if self.carry is None:
            return
        moved = {self._moved.popleft() for _ in range(len(self._moved))}
        for device_id in moved:
            self._see_to(solution, device_id)
        while due := self._table.due(self._ground.now_ms(), _AT_ONCE):
            for device_id in due:
                if self._worker.ending:
                    return
                self._see_to(solution, device_id)

    def _turn(self) -> float:
        self.look()
        return _EVERY_S

    def _learn(self) -> None:
        """The files are others: what can be set may be, and hardware may have been replaced."""
        newest: dict[str, int] = {}
        for note in self._ground.journal.read(kinds=frozenset({Kind.REPLACED}), limit=1000):
            if note.device is not None:
                newest.setdefault(note.device, max(note.at_ms, note.last_ms))
        for device_id, at_ms in newest.items():
            if at_ms > self._known.renewed.get(device_id, 0):
                self._table.forget_reported(device_id, at_ms)
        self._known.renewed = newest
        self._table.look_again(list(self._table.wanted()))

    def _see_to(self, solution: Solution, device_id: str) -> None:
        twin, errand = self._table.get(device_id)
        device = solution.device(device_id)
        delta: dict[str, object] = {}
        if device is not None:
            said = self._known.reported(device, twin)
            reported = {name: one.value for name, one in said.items()}
            if device.retired is None:
                delta = twin.delta(solution.properties(device), reported)
            self._watch(device_id, twin, delta)
        message = ""
        if delta:
            message = orjson.dumps({"version": twin.desired.version, "desired": delta}).decode()
        if device is None:
            done = replace(errand, sent="", trouble="", next_ms=None)
        else:
            done = self._told(device, errand, message, delta)
        self._table.seen_to(device_id, replace(done, sent_version=errand.version))

    def _told(
        self, device: Device, errand: Errand, message: str, delta: Mapping[str, object]
    ) -> Errand:
        """Send if there is something to send, and say how it stands then."""
        now = self._ground.now_ms()
        keeps = device.dev_eui is None and device.link is None
        is_again = message == errand.sent
        if is_again and (keeps or not message or now < errand.sent_ms + AGAIN_MS):
            return replace(errand, next_ms=self._again(errand, message, keeps), trouble="")
        if not message and not keeps:
            return Errand(errand.version)
        try:
            self._hand_over(device, message, delta)
        except UsageError as error:
            # What nobody keeps may go later: when the network server of the device is known, say.
            later = None if keeps else now + AGAIN_MS
            return replace(errand, sent="", next_ms=later, trouble=_written(error.text))
        except BrokerError as error:
            tries = errand.tries + 1
            wait = min(_FIRST_RETRY_MS << min(tries, 10), _LONGEST_RETRY_MS)
            return replace(errand, tries=tries, next_ms=now + wait, trouble=_written(error.text))
        tries = errand.tries + 1 if is_again else 1
        done = Errand(errand.version, 0, message, now, tries)
        return replace(done, next_ms=self._again(done, message, keeps))

    def _hand_over(self, device: Device, message: str, delta: Mapping[str, object]) -> None:
        if device.dev_eui is not None:
            if self.radio is None:
                reason = N_("{device} cannot be written: no downlinks run.")
                raise UsageError(Text(reason, {"device": device.id}))
            self.radio(device.id, delta)
        else:
            assert self.carry is not None
            self.carry(device, LEAF, message.encode(), True)

    @staticmethod
    def _again(errand: Errand, message: str, keeps: bool) -> int | None:
        if keeps or not message or errand.tries >= MOST_TRIES:
            return None
        return errand.sent_ms + AGAIN_MS

    def _watch(self, device_id: str, twin: Twin, delta: Mapping[str, object]) -> None:
        """Know by the next value of which series the difference becomes another one."""
        for name, value in twin.desired.values.items():
            series = self._known.series(device_id, name)
            if series is not None:
                self._watched[series] = (device_id, value, name not in delta)
        for name in twin.desired.entries.keys() - twin.desired.values.keys():
            series = self._known.series(device_id, name)
            if series is not None:
                self._watched.pop(series, None)


def _written(text: Text) -> str:
    params = {name: str(one) for name, one in text.params.items()}
    return orjson.dumps([text.message, params]).decode()


def trouble_of(stored: str) -> Text | None:
    """The sentence that was stored."""
    if not stored:
        return None
    message, params = orjson.loads(stored)
    return Text(message, params)
