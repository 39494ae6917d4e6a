"""Values published again as they come, on our own broker or on another one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import orjson

from jalon.adapters.sinks.mqtt import Address, Outgoing, Talk, Waiting
from jalon.app.ground import Ground
from jalon.app.integrations.brokers import Ear, address, check, finish
from jalon.app.integrations.following import Selection
from jalon.app.integrations.outside import Outside
from jalon.app.integrations.runner import Desk
from jalon.run.codecs.json import written
from jalon.run.integrations import filling
from jalon.run.integrations.messages import iso
from jalon.run.integrations.ports import Kept
from jalon.run.integrations.spec import Republish
from jalon.run.ports import Latest
from jalon.vocab.reading import Quality

_AT_ONCE = 2000


@dataclass
class Republishing:
    """Keeps one entry of `republish`. What `hear` is given waits in memory: the newest stay."""

    settings: Republish
    ground: Ground
    outside: Outside
    selection: Selection

    def __post_init__(self) -> None:
        self._ear = Ear(self.selection, self.settings.queue)
        self._waiting = Waiting(_AT_ONCE)
        self._leave: Callable[[], None] | None = None

    def serve(self, desk: Desk) -> None:
        """Publish until stopped. Raises SinkDown."""
        if self._leave is None:
            # Once for all conversations: what comes between two waits, and is counted when lost.
            self._leave = self.outside.live.listen(self._ear.hear)
        talk = Talk(self._address())
        try:
            talk.open(desk.stopping)
            while not desk.stopping():
                self._fill()
                desk.did(talk.carry(self._waiting), waiting=len(self._ear) + len(self._waiting))
                desk.lost(self._ear.dropped + self._waiting.dropped)
                desk.works()
            self._fill()
            finish(talk, self._waiting)
        finally:
            desk.lost(self._ear.dropped + self._waiting.dropped)
            talk.close(self._waiting)

    def end(self) -> None:
        """Hear no more."""
        if self._leave is not None:
            self._leave()

    def _fill(self) -> None:
        chosen = self.selection.series()
        while len(self._waiting) < _AT_ONCE // 2 and (one := self._ear.take()) is not None:
            if (kept := chosen.get(one.series)) is not None:
                self._waiting.put(self._message(one, kept))

    def _message(self, one: Latest, kept: Kept) -> Outgoing:
        spec = kept.spec
        given = {
            "id": self.settings.id,
            "site": kept.site,
            "room": self._room(spec.device),
            "thing": kept.thing,
            "device": spec.device,
            "property": spec.property,
        }
        content = {
            "device": spec.device,
            "property": spec.property,
            "time": iso(one.time_ms),
            "value": written(one.value),
            "unit": spec.unit,
            "quality": Quality(one.quality).name.lower().replace("_", "-"),
        }
        topic = filling.topic(self.settings.topic, given)
        return Outgoing(topic, orjson.dumps(content), self.settings.retain)

    def check(self) -> None:
        """Connect, and publish nothing. Raises SinkDown."""
        check(self._address())

    def _room(self, device_id: str) -> str:
        device = self.ground.solution().device(device_id)
        return (device.room or "") if device else ""

    def _address(self) -> Address:
        return address(self.ground.folder, self.outside, self.settings.broker, self.settings.id)
