"""What the names in a rule mean, by the devices it is about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from jalon.run.calendars import CalendarsFile
from jalon.run.control import SubjectKind
from jalon.run.fleet import Fleet
from jalon.run.rules.expression.meaning import Around, Kind
from jalon.run.rules.scene import things_of
from jalon.run.rules.spec import Rule
from jalon.run.things import ThingModel
from jalon.vocab.reading import ValueKind

ANSWER = "answer"
_GIVES = {"truth": Kind.BOOLEAN, "number": Kind.NUMBER, "text": Kind.TEXT}


class RuleScope:
    """The scope of the expressions of one rule. `answers` is whether `answer` may be used: in the
    conditions of a rule with a plug-in."""

    def __init__(
        self,
        rule: Rule,
        things: Mapping[str, ThingModel],
        fleet: Fleet,
        calendars: CalendarsFile,
        intern: Callable[[str], float] = lambda _text: 0.0,
        answers: bool = True,
    ) -> None:
        self.about_device = rule.kind is SubjectKind.DEVICE
        self.intern = intern
        self._answer = _GIVES[rule.gives] if answers and rule.plugin is not None else None
        self._things = things
        self._thing_of = {one.id: one.thing for one in fleet.devices}
        self._calendars = sorted(calendars.ids)
        self._own = self._kinds(things_of(rule.select, fleet.devices))
        self._all = self._kinds(dict.fromkeys(self._thing_of.values()))

    def _kinds(self, names: Iterable[str]) -> dict[str, Kind]:
        return {
            name: Kind.of(one.kind)
            for thing in names
            if thing in self._things
            for name, one in self._things[thing].properties.items()
        }

    def own(self, name: str) -> Kind | None:
        """See `meaning.Scope`; so for all of them."""
        return self._own.get(name)

    def own_names(self) -> Sequence[str]:
        return list(self._own)

    def around(self, where: Around, name: str) -> Kind | None:
        del where
        return self._all.get(name)

    def of_device(self, device: str, name: str) -> Kind | None:
        thing = self._things.get(self._thing_of.get(device, ""))
        found = thing.properties.get(name) if thing else None
        return Kind.of(found.kind) if found else None

    def devices(self) -> Sequence[str]:
        return list(self._thing_of)

    def calendars(self) -> Sequence[str]:
        return self._calendars

    def named(self, name: str) -> Kind | None:
        return self._answer if name == ANSWER else None


def kinds_in_conflict(things: Mapping[str, ThingModel]) -> dict[str, set[ValueKind]]:
    """Names of properties that are not of the same kind in all things."""
    found: dict[str, set[ValueKind]] = {}
    for thing in things.values():
        for name, one in thing.properties.items():
            found.setdefault(name, set()).add(one.kind)
    return {name: kinds for name, kinds in found.items() if len(kinds) > 1}
