"""What a rule does about a change: its actions as decisions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from jalon.run.control import (
    AlarmDue,
    AlarmSeverity,
    CallDue,
    CommandDue,
    Decision,
    DesireDue,
    NoticeDue,
    Scalar,
    Subject,
    SubjectKind,
    Words,
)
from jalon.run.rules.compiled import Bound, BoundAction, scalar
from jalon.run.rules.expression.meaning import Formula
from jalon.run.rules.scene import Scene
from jalon.run.rules.spec import (
    AlarmAction,
    CallAction,
    CommandAction,
    DesireAction,
    NotifyAction,
    On,
)
from jalon.run.rules.view import Moments
from jalon.vocab.reading import Location


@dataclass(frozen=True)
class Occasion:
    """A rule goes from one level to another (or reminds of one) about a subject, numbered `index`.
    `changed_ms` is when the level was reached; `view` is what it saw, in one row."""

    index: int
    subject: Subject
    at_ms: int
    before: int
    after: int
    changed_ms: int
    view: Moments
    repeat: int = 0

    def happenings(self) -> frozenset[On]:
        """Which kinds of change it is."""
        if self.repeat:
            return frozenset({On.REPEAT})
        if not self.after:
            return frozenset({On.CHANGE, On.CLEAR})
        return frozenset({On.CHANGE, On.RAISE} if self.after > self.before else {On.CHANGE})


def key_of(*parts: object) -> str:
    """A stable key of what makes a decision that one and no other."""
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:40]


def severity_of(bound: Bound, level: int) -> AlarmSeverity | None:
    """Of a level that counts from 1."""
    return bound.levels[level - 1].level.severity if level else None


def deeds(bound: Bound, scene: Scene, now: Occasion) -> Iterator[Decision]:
    """The decisions of an occasion, one or more an action."""
    happen = now.happenings()
    relevant = severity_of(bound, now.after or now.before)
    for number, action in enumerate(bound.actions):
        spec = action.spec
        if spec.taken() & happen and (not spec.severity or relevant in spec.severity):
            yield from _Deed(bound, scene, now, action, number).decisions()


class _Deed:
    """One action on one occasion."""

    def __init__(
        self, bound: Bound, scene: Scene, now: Occasion, action: BoundAction, number: int
    ) -> None:
        self._bound = bound
        self._scene = scene
        self._now = now
        self._action = action
        self._number = number
        self._by = f"rule:{bound.rule.id}"
        self._values = bound.values(now.view)

    def decisions(self) -> Iterator[Decision]:
        match self._action.spec:
            case AlarmAction() as alarm:
                yield self._alarm(alarm)
            case NotifyAction(to=to):
                yield NoticeDue(
                    at_ms=self._now.at_ms,
                    key=self._key(),
                    by=self._by,
                    subject=str(self._now.subject),
                    to=to,
                    words=self._words(),
                    severity=severity_of(self._bound, self._now.after),
                    values=self._values,
                )
            case CallAction(webhook=webhook):
                yield CallDue(
                    at_ms=self._now.at_ms,
                    key=self._key(),
                    by=self._by,
                    subject=str(self._now.subject),
                    webhook=webhook,
                    words=self._words(),
                    severity=severity_of(self._bound, self._now.after),
                    values=self._values,
                )
            case CommandAction() as command:
                yield from self._commands(command)
            case DesireAction() as desire:
                yield from self._desires(desire)

    def _key(self, *more: str) -> str:
        now = self._now
        return key_of(self._bound.rule.id, now.subject, now.before, now.after, now.changed_ms,
                      now.repeat, self._number, *more)  # fmt: skip

    def _alarm(self, alarm: AlarmAction) -> AlarmDue:
        return AlarmDue(
            at_ms=self._now.at_ms,
            key=self._key(),
            by=self._by,
            subject=str(self._now.subject),
            severity=severity_of(self._bound, self._now.after),
            words=self._words(),
            values=self._values,
            tags=[*self._bound.rule.tags, *alarm.tags],
        )

    def _commands(self, spec: CommandAction) -> Iterator[Decision]:
        formulas = self._action.input
        given: object = None
        if "" in formulas:
            given = self._value(formulas[""])
        elif formulas:
            given = {name: self._value(one) for name, one in formulas.items()}
        if _unknown(given) and formulas:
            return
        for device in self._targets(spec.device, spec.thing):
            expires = self._now.at_ms + spec.expires_ms if spec.expires_ms is not None else None
            yield CommandDue(
                at_ms=self._now.at_ms,
                key=self._key(device),
                by=self._by,
                subject=str(Subject(SubjectKind.DEVICE, device)),
                action=spec.action,
                input=given,
                expires_ms=expires,
            )

    def _desires(self, spec: DesireAction) -> Iterator[Decision]:
        desired = {name: self._value(one) for name, one in self._action.input.items()}
        if _unknown(desired):
            return
        for device in self._targets(spec.device, spec.thing):
            yield DesireDue(
                at_ms=self._now.at_ms,
                key=self._key(device),
                by=self._by,
                subject=str(Subject(SubjectKind.DEVICE, device)),
                desired=desired,
            )

    def _targets(self, device: str | None, thing: str | None) -> list[str]:
        """Whom it is for."""
        scene, now = self._scene, self._now
        if device is not None:
            return [device] if device in scene.index else []
        about_device = now.subject.kind is SubjectKind.DEVICE
        if thing is None:
            return [now.subject.id] if about_device else []
        place = now.index
        if about_device:
            place = int(scene.place_of(now.index))
        members = scene.groups[place].members.tolist()
        return [scene.devices[row].id for row in members if scene.devices[row].thing == thing]

    def _value(self, formula: Formula) -> Scalar | dict[str, float]:
        value = scalar(formula.run(self._now.view), formula.kind, self._now.view)
        if isinstance(value, str) and value.startswith("geo:"):
            place = Location.parse(value)
            return {"latitude": place.latitude, "longitude": place.longitude}
        return int(value) if isinstance(value, float) and value.is_integer() else value

    def _words(self) -> Words:
        sentence = self._action.words
        if sentence is None:
            return {}
        return sentence.filled(
            lambda one: scalar(one.run(self._now.view), one.kind, self._now.view), self._name
        )

    def _name(self, what: str, language: str) -> str:
        del language
        scene, now = self._scene, self._now
        if now.subject.kind is SubjectKind.DEVICE:
            device = scene.devices[now.index]
            if what == "device":
                return device.name
            group = scene.groups[scene.place_of(now.index)]
        else:
            group = scene.groups[now.index]
        if what == "room":
            return group.room.name if group.room else ""
        return group.site.name if what == "site" and group.site else ""


def _unknown(value: object) -> bool:
    return value is None or (isinstance(value, dict) and None in value.values())
