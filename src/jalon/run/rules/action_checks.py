"""Whether the actions of a rule reach somebody, and say something."""

from __future__ import annotations

from collections.abc import Iterator

from jalon.run.control import SubjectKind
from jalon.run.known import Known
from jalon.run.rules.expression.binding import bind
from jalon.run.rules.expression.meaning import Formula, Kind
from jalon.run.rules.expression.tree import ExpressionError
from jalon.run.rules.scene import things_of
from jalon.run.rules.scope import RuleScope
from jalon.run.rules.spec import (
    AlarmAction,
    CallAction,
    CommandAction,
    DesireAction,
    NotifyAction,
    Rule,
)
from jalon.run.rules.words import places
from jalon.run.things import DataSchema, PropertyType
from jalon.vocab.entries import Wording
from jalon.vocab.finding import Mark, Path, Remark, Severity
from jalon.vocab.references import unknown, unknown_each
from jalon.vocab.text import N_, Text

_KINDS = {
    PropertyType.NUMBER: Kind.NUMBER,
    PropertyType.INTEGER: Kind.NUMBER,
    PropertyType.BOOLEAN: Kind.BOOLEAN,
    PropertyType.STRING: Kind.TEXT,
}


def check_words(words: Wording, path: Path, part: str, scope: RuleScope) -> Iterator[Remark]:
    """The places of a sentence."""
    texts = words.names.by_language
    alike = len(texts) == 2 and len(set(texts.values())) == 1
    for language, text in list(texts.items())[: 1 if alike else None]:
        at = path if alike else (*path, language)
        for place in places(text):
            try:
                bind(place.text, scope)
            except ExpressionError as error:
                mark = Mark(part, at, offset=place.at + error.at)
                yield Remark("rules.words", Severity.ERROR, mark, error.text)


def check_actions(
    rule: Rule, known: Known, scope: RuleScope, part: str, path: Path
) -> Iterator[Remark]:
    """All actions of a rule; `path` leads to the rule."""
    for index in range(len(rule.actions)):
        yield from _Action(rule, known, scope, part, (*path, "actions", index)).remarks(index)


class _Action:
    """One action."""

    def __init__(self, rule: Rule, known: Known, scope: RuleScope, part: str, path: Path) -> None:
        self._rule = rule
        self._known = known
        self._scope = scope
        self._part = part
        self._path = path

    def remarks(self, index: int) -> Iterator[Remark]:
        spec = self._rule.actions[index]
        words = spec.words if isinstance(spec, AlarmAction | NotifyAction | CallAction) else None
        if words is not None:
            yield from check_words(words, (*self._path, "words"), self._part, self._scope)
        match spec:
            case AlarmAction():
                yield from self._alarm()
            case NotifyAction(to=to):
                message = N_("Nobody in notifications.yaml is “{id}”.")
                yield from unknown_each(
                    "rules.unknown-recipient",
                    self._part,
                    (*self._path, "to"),
                    message,
                    to,
                    sorted(self._known.recipients),
                )
            case CallAction(webhook=webhook):
                message = N_("There is no webhook “{id}” in integrations.yaml.")
                hooks = sorted(self._known.webhooks)
                at = self._mark("webhook")
                yield from unknown("rules.unknown-webhook", at, message, webhook, hooks)
            case CommandAction():
                yield from self._command(spec)
            case DesireAction():
                yield from self._desire(spec)

    def _mark(self, *path: str, offset: int = 0) -> Mark:
        return Mark(self._part, (*self._path, *path), offset=offset)

    def _alarm(self) -> Iterator[Remark]:
        if not any(level.severity for level in self._rule.all_levels()):
            text = Text(N_("An alarm needs a severity: give the rule or its levels one."))
            yield Remark("rules.no-severity", Severity.ERROR, self._mark("kind"), text)

    def _things(self, spec: CommandAction | DesireAction) -> Iterator[Remark | str]:
        """The types it is for, and what is wrong with them."""
        known = self._known
        if spec.device is not None and spec.thing is not None:
            text = Text(N_("Give a device or a type, not both."))
            yield Remark("rules.target", Severity.ERROR, self._mark("thing"), text)
        elif spec.device is not None:
            of = {one.id: one.thing for one in known.fleet.devices}
            message = N_("There is no device “{id}” in the fleet.")
            at = self._mark("device")
            yield from unknown("rules.unknown-device", at, message, spec.device, of)
            yield of.get(spec.device, "")
        elif spec.thing is not None:
            message = N_("There is no type “{id}” in things/.")
            at = self._mark("thing")
            yield from unknown("rules.unknown-thing", at, message, spec.thing, known.things)
            yield spec.thing
        elif self._rule.kind is not SubjectKind.DEVICE:
            text = Text(N_("This rule is not about a device: say which one, or which type."))
            yield Remark("rules.target", Severity.ERROR, self._mark("kind"), text)
        else:
            yield from things_of(self._rule.select, known.fleet.devices)

    def _command(self, spec: CommandAction) -> Iterator[Remark]:
        for one in self._things(spec):
            if isinstance(one, Remark):
                yield one
                continue
            thing = self._known.things.get(one)
            if thing is None:
                continue
            if spec.action not in thing.actions:
                message = N_("The type “{thing}” has no action “{action}”.")
                text = Text(message, {"thing": one, "action": spec.action})
                yield Remark("rules.unknown-action", Severity.ERROR, self._mark("action"), text)
                continue
            schema = thing.actions[spec.action].input
            if isinstance(spec.input, str):
                yield from self._value(spec.input, ("input",), schema)
            elif spec.input is not None:
                for name, text_ in spec.input.items():
                    yield from self._value(text_, ("input", name), None)
            elif schema is not None and schema.default is None:
                text = Text(N_("“{action}” takes an input."), {"action": spec.action})
                yield Remark("rules.input", Severity.ERROR, self._mark("action"), text)

    def _desire(self, spec: DesireAction) -> Iterator[Remark]:
        for one in self._things(spec):
            if isinstance(one, Remark):
                yield one
                continue
            thing = self._known.things.get(one)
            if thing is None:
                continue
            for name, text in spec.desired.items():
                path = ("desired", name)
                declared = thing.properties.get(name)
                given = {"thing": one, "name": name}
                if declared is None:
                    said = Text(N_("The type “{thing}” has no property “{name}”."), given)
                    mark = Mark(self._part, (*self._path, *path), on_key=True)
                    yield Remark("rules.unknown-property", Severity.ERROR, mark, said)
                    continue
                if declared.read_only:
                    said = Text(N_("“{name}” of “{thing}” is only read, never written."), given)
                    mark = Mark(self._part, (*self._path, *path), on_key=True)
                    yield Remark("rules.read-only", Severity.ERROR, mark, said)
                yield from self._value(text, path, declared)

    def _value(
        self, text: str, path: tuple[str, ...], schema: DataSchema | None
    ) -> Iterator[Remark]:
        try:
            formula = bind(text, self._scope)
        except ExpressionError as error:
            at = self._mark(*path, offset=error.at)
            yield Remark("rules.expression", Severity.ERROR, at, error.text)
            return
        if schema is None or schema.type not in _KINDS:
            return
        wanted = _KINDS[schema.type]
        if formula.kind is not wanted:
            message = N_("What is expected here is {wanted}; this is {found}.")
            given = {"wanted": Text(wanted.value), "found": Text(formula.kind.value)}
            yield Remark("rules.kind", Severity.ERROR, self._mark(*path), Text(message, given))
        else:
            yield from self._allowed(formula, path, schema)

    def _allowed(
        self, formula: Formula, path: tuple[str, ...], schema: DataSchema
    ) -> Iterator[Remark]:
        """A plain value must be one that the device takes."""
        value = formula.constant
        if value is None:
            return
        outside = isinstance(value, float) and (
            (schema.minimum is not None and value < schema.minimum)
            or (schema.maximum is not None and value > schema.maximum)
        )
        if outside or (schema.enum is not None and value not in schema.enum):
            text = Text(N_("The device does not take this value."))
            yield Remark("rules.value", Severity.ERROR, self._mark(*path), text)
