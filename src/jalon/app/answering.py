"""What virtual devices do with what they are told: commands, the state wanted, updates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jalon.app.solution import Solution
from jalon.app.voices import Voice
from jalon.run.signals import Constant
from jalon.run.things import ThingModel
from jalon.run.virtual import chance
from jalon.run.virtual.obeying import Obeying
from jalon.run.virtual.updating import FIRST_VERSION, Flaws, Said, Updating

Sent = tuple[str, str, bytes]
"""User, topic and payload of what a virtual device publishes."""


@dataclass
class _Mind:
    voice: Voice
    obeying: Obeying
    updating: Updating


class Answering:
    """The minds of all virtual devices that have a connection of their own; times are Unix ms."""

    def __init__(
        self, solution: Solution, speakers: Sequence[Voice], seed: int, flaws: Flaws
    ) -> None:
        keys = solution.control.updates.trusted
        self._minds: dict[str, _Mind] = {}
        for voice in speakers:
            device = solution.device(voice.device.id)
            if voice.hears and device is not None:
                thing = solution.things[device.thing]
                updating = Updating(
                    device.thing, keys, flaws, chance.key(seed, device.id), _firmware(thing)
                )
                self._minds[voice.user] = _Mind(voice, Obeying(voice.device, thing), updating)

    def begin(self) -> list[Sent]:
        """What they say when they come: what they run."""
        return [one for mind in self._minds.values() for one in _sent(mind, mind.updating.begin())]

    def heard(self, user: str, topic: str, payload: bytes, now_ms: int) -> list[Sent]:
        """What a device answers to a message."""
        mind = self._minds.get(user)
        if mind is None or mind.updating.is_dark or mind.voice.device.fate.is_silent(now_ms):
            return []
        leaf = topic.removeprefix(f"v1/{mind.voice.device.id}/")
        if leaf.startswith("update/"):
            return list(_sent(mind, mind.updating.heard(leaf, payload, now_ms)))
        before = mind.obeying.obeyed
        answers = list(_sent(mind, mind.obeying.heard(leaf, payload, now_ms)))
        report = mind.voice.device.report(now_ms) if mind.obeying.obeyed > before else None
        if report is not None:  # at once, so that it shows
            voice = mind.voice
            answers.append((voice.user, voice.topic, voice.encode(now_ms, report)))
        return answers

    def tick(self, now_ms: int) -> list[Sent]:
        """What they say because time has passed."""
        return [
            one
            for mind in self._minds.values()
            if not mind.voice.device.fate.is_silent(now_ms)
            for one in self._ticked(mind, now_ms)
        ]

    def versions(self, device: str) -> dict[str, str]:
        """What a device runs, by component."""
        found = (one for one in self._minds.values() if one.voice.device.id == device)
        return {name: text for one in found for name, text in one.updating.versions.items()}

    def _ticked(self, mind: _Mind, now_ms: int) -> Iterator[Sent]:
        before = dict(mind.updating.versions)
        yield from _sent(mind, mind.updating.tick(now_ms))
        for component, version in mind.updating.versions.items():
            if before.get(component) != version:  # a device that reports its version reports this
                mind.voice.device.hold(component, version, now_ms)


def _sent(mind: _Mind, said: Sequence[Said]) -> Iterator[Sent]:
    for leaf, payload in said:
        yield mind.voice.user, f"v1/{mind.voice.device.id}/{leaf}", payload


def _firmware(thing: ThingModel) -> str:
    """What it runs at first: what it always reports, if it reports that."""
    declared = thing.properties.get("firmware")
    if declared is not None and isinstance(declared.signal, Constant):
        return str(declared.signal.value)
    return FIRST_VERSION
