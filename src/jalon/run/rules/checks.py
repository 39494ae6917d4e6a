"""Whether the rules hold together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from jalon.run.control import SubjectKind
from jalon.run.known import Known
from jalon.run.rules.action_checks import check_actions, check_words
from jalon.run.rules.computing import target
from jalon.run.rules.expression.binding import bind
from jalon.run.rules.expression.meaning import Formula, Kind
from jalon.run.rules.expression.tree import Binary, Constant, ExpressionError, Name
from jalon.run.rules.scene import Scene, World, chosen, things_of
from jalon.run.rules.scope import RuleScope
from jalon.run.rules.spec import Rule, RuleFile
from jalon.run.things import Property
from jalon.vocab.finding import Mark, Path, Remark, Severity
from jalon.vocab.references import unknown, unknown_each
from jalon.vocab.text import N_, Text


def check_rules(files: Mapping[str, RuleFile], known: Known) -> Iterator[Remark]:
    """Everything wrong or strange in `rules/`; `files` by name without `.yaml`. A remark's part is
    `rules/<name>`."""
    yield from _ids(files)
    yield from _computed(files, known)
    for name, file in files.items():
        for index, rule in enumerate(file.rules):
            yield from _RuleCheck(f"rules/{name}", index, rule, known).remarks()


def _ids(files: Mapping[str, RuleFile]) -> Iterator[Remark]:
    first: dict[str, str] = {}
    for name, file in files.items():
        for index, rule in enumerate(file.rules):
            if rule.id in first:
                message = N_("There is a rule “{id}” already, in rules/{file}.yaml.")
                text = Text(message, {"id": rule.id, "file": first[rule.id]})
                at = Mark(f"rules/{name}", ("rules", index, "id"))
                yield Remark("rules.twice", Severity.ERROR, at, text)
            first.setdefault(rule.id, name)


def _computed(files: Mapping[str, RuleFile], known: Known) -> Iterator[Remark]:
    """One maker for each virtual property, and none that needs what it makes."""
    scene = Scene(World(known.things, known.fleet, known.calendars, {}), (), 0)
    makers: dict[tuple[str, str], str] = {}
    for name, file in files.items():
        for index, rule in enumerate(file.rules):
            if rule.compute is None:
                continue
            at = Mark(f"rules/{name}", ("rules", index, "compute", "property"))
            for subject in scene.subjects(rule):
                device = target(rule.compute, scene.subject(rule, subject))
                key = (device, rule.compute.property)
                other = makers.setdefault(key, rule.id)
                if other != rule.id:
                    message = N_("“{property}” of {device} is computed by rule “{rule}” already.")
                    given = {"property": key[1], "device": device, "rule": other}
                    yield Remark("rules.computed-twice", Severity.ERROR, at, Text(message, given))
                    break


class _RuleCheck:
    """One rule."""

    def __init__(self, part: str, index: int, rule: Rule, known: Known) -> None:
        self._part = part
        self._path: Path = ("rules", index)
        self._rule = rule
        self._known = known
        fleet = known.fleet
        self._scope = RuleScope(rule, known.things, fleet, known.calendars)
        self._plain = RuleScope(rule, known.things, fleet, known.calendars, answers=False)
        self._things = things_of(rule.select, fleet.devices)

    def remarks(self) -> Iterator[Remark]:
        rule = self._rule
        astray = list(self._selection())
        yield from astray
        if astray:
            return  # What is said of nothing cannot be checked.
        if rule.calendar is not None:
            message = N_("There is no calendar “{id}” in calendars.yaml.")
            at = self._mark("calendar")
            ids = sorted(self._known.calendars.ids)
            yield from unknown("rules.unknown-calendar", at, message, rule.calendar, ids)
        yield from self._levels()
        if rule.compute is not None:
            yield from self._compute()
        for name, text in rule.inputs.items():
            yield from self._formula(text, ("inputs", name), None, self._plain)[1]
        if rule.inputs and rule.plugin is None:
            text_ = Text(N_("Inputs are for a plug-in; this rule names none."))
            yield Remark("rules.inputs", Severity.WARNING, self._mark("inputs", key=True), text_)
        if rule.words is not None:
            yield from check_words(rule.words, self._at("words"), self._part, self._scope)
        yield from check_actions(rule, self._known, self._scope, self._part, self._path)

    def _at(self, *path: str | int) -> Path:
        return (*self._path, *path)

    def _mark(self, *path: str | int, key: bool = False, offset: int = 0) -> Mark:
        return Mark(self._part, self._at(*path), on_key=key, offset=offset)

    def _selection(self) -> Iterator[Remark]:
        select, fleet = self._rule.select, self._known.fleet
        sites = [one.id for one in fleet.sites]
        rooms = [room.id for site in fleet.sites for room in site.rooms]
        rooms += [f"{site.id}/{room.id}" for site in fleet.sites for room in site.rooms]
        tags = sorted({tag for one in fleet.devices for tag in one.tags})
        lists = (
            ("thing", N_("There is no type “{id}” in things/."), select.thing, self._known.things),
            ("device", N_("There is no device “{id}” in the fleet."), select.device,
             [one.id for one in fleet.devices]),
            ("site", N_("There is no site “{id}” in the fleet."), select.site, sites),
            ("room", N_("There is no room “{id}” in the fleet."), select.room, rooms),
            ("tags", N_("No device has the tag “{id}”."), select.tags, tags),
            ("without", N_("No device has the tag “{id}”."), select.without, tags),
        )  # fmt: skip
        wrong = False
        for key, message, words, names in lists:
            for remark in unknown_each(
                f"rules.unknown-{key}", self._part, self._at("select", key), message, words,
                list(names),
            ):  # fmt: skip
                wrong = True
                yield remark
        devices = any(chosen(select, one) for one in fleet.devices)
        if not wrong and not devices and fleet.devices:
            text = Text(N_("No device fits this selection: the rule is about nothing."))
            at = self._mark("select" if select.model_fields_set else "id", key=True)
            yield Remark("rules.nothing", Severity.WARNING, at, text)

    def _formula(
        self, text: str, path: Path, wanted: Kind | None, scope: RuleScope | None = None
    ) -> tuple[Formula | None, list[Remark]]:
        try:
            return bind(text, scope or self._scope, wanted), []
        except ExpressionError as error:
            at = self._mark(*path, offset=error.at)
            return None, [Remark("rules.expression", Severity.ERROR, at, error.text)]

    def _levels(self) -> Iterator[Remark]:
        rule = self._rule
        formulas: list[tuple[Path, Formula]] = []
        for index, level in enumerate(rule.all_levels()):
            path: Path = () if rule.when is not None else ("levels", index)
            formula, remarks = self._formula(level.when, (*path, "when"), Kind.BOOLEAN)
            yield from remarks
            if formula is not None:
                formulas.append((path, formula))
            if level.clear is not None:
                yield from self._formula(level.clear, (*path, "clear"), Kind.BOOLEAN)[1]
        yield from self._order()
        for path, formula in formulas:
            yield from self._reachable(path, formula)
        yield from self._hidden(formulas)

    def _order(self) -> Iterator[Remark]:
        worst = 0
        for index, level in enumerate(self._rule.levels):
            rank = level.severity.rank if level.severity else 0
            if rank < worst:
                text = Text(
                    N_("Levels go from the mildest to the severest: this one comes too late.")
                )
                at = self._mark("levels", index, "severity")
                yield Remark("rules.order", Severity.ERROR, at, text)
            worst = max(worst, rank)

    def _reachable(self, path: Path, formula: Formula) -> Iterator[Remark]:
        """A threshold at which no believable value arrives."""
        bound = _threshold(formula)
        if bound is None:
            if formula.constant is False:
                text = Text(N_("This is never true."))
                at = self._mark(*path, "when")
                yield Remark("rules.never", Severity.WARNING, at, text)
            return
        name, sign, limit = bound
        for one in self._declared(name):
            most, least = one.maximum, one.minimum
            over = (
                most is not None
                and sign in (">", ">=")
                and (limit > most or (limit == most and sign == ">"))
            )
            under = (
                least is not None
                and sign in ("<", "<=")
                and (limit < least or (limit == least and sign == "<"))
            )
            if over or under:
                message = N_(
                    "This level can never be reached: “{name}” is believed from {least} to {most}"
                    " only."
                )
                given = {"name": name, "least": least, "most": most}
                yield Remark(
                    "rules.never",
                    Severity.WARNING,
                    self._mark(*path, "when"),
                    Text(message, given),
                )
                return

    def _hidden(self, formulas: list[tuple[Path, Formula]]) -> Iterator[Remark]:
        """A level that is never seen because a severer one asks for less."""
        bounds = [(path, _threshold(formula)) for path, formula in formulas]
        for (path, mild), (_, severe) in pairwise(bounds):
            if mild is None or severe is None or mild[:2] != severe[:2]:
                continue
            up = mild[1] in (">", ">=")
            if (severe[2] <= mild[2]) if up else (severe[2] >= mild[2]):
                text = Text(
                    N_("This level is never seen: the next one, severer, is reached first.")
                )
                yield Remark("rules.hidden", Severity.WARNING, self._mark(*path, "when"), text)

    def _declared(self, name: str) -> Iterator[Property]:
        if self._rule.kind is SubjectKind.DEVICE:
            for thing in self._things:
                model = self._known.things.get(thing)
                if model and name in model.properties:
                    yield model.properties[name]

    def _compute(self) -> Iterator[Remark]:
        compute = self._rule.compute
        assert compute is not None
        formula, remarks = self._formula(compute.value, ("compute", "value"), None)
        yield from remarks
        at = self._mark("compute", "property")
        if compute.into is None and self._rule.kind is not SubjectKind.DEVICE:
            text = Text(N_("Say the device whose property it is: into."))
            yield Remark("rules.into", Severity.ERROR, at, text)
            return
        scene = Scene(
            World(self._known.things, self._known.fleet, self._known.calendars, {}), (), 0
        )
        for subject in scene.subjects(self._rule):
            device = target(compute, scene.subject(self._rule, subject))
            row = scene.index.get(device)
            if row is None:
                message = N_("There is no device “{id}” in the fleet.")
                ids = list(scene.index)
                into = self._mark("compute", "into")
                yield from unknown("rules.unknown-device", into, message, device, ids)
                return
            thing = self._known.things.get(scene.devices[row].thing)
            if thing is None:
                return
            found = thing.properties.get(compute.property)
            wrong = list(self._virtual(found, scene.devices[row].thing, formula, at))
            if wrong:
                yield from wrong
                return

    def _virtual(
        self, found: Property | None, thing: str, formula: Formula | None, at: Mark
    ) -> Iterator[Remark]:
        """The property that is computed: declared, of the right kind, reported by nobody."""
        compute = self._rule.compute
        assert compute is not None
        given = {"name": compute.property, "thing": thing}
        if found is None:
            message = N_("“{name}” is not declared in things/{thing}.")
            yield Remark("rules.undeclared", Severity.ERROR, at, Text(message, given))
        elif not _is_virtual(found):
            message = N_("“{name}” is reported by the device: it cannot be computed as well.")
            yield Remark("rules.reported", Severity.ERROR, at, Text(message, given))
        elif formula is not None and formula.kind is not Kind.of(found.kind):
            message = N_("“{name}” is {wanted}; this is {found}.")
            kinds = {"wanted": Text(Kind.of(found.kind).value), "found": Text(formula.kind.value)}
            value = self._mark("compute", "value")
            yield Remark("rules.kind", Severity.ERROR, value, Text(message, {**given, **kinds}))


def _is_virtual(found: Property) -> bool:
    return found.signal is None and not found.forms and found.path is None


def _threshold(formula: Formula) -> tuple[str, str, float] | None:
    """`co2 > 800` as its three parts, if it is nothing more."""
    node = formula.node
    if (
        isinstance(node, Binary)
        and node.sign in ("<", "<=", ">", ">=")
        and isinstance(node.left, Name)
        and isinstance(node.right, Constant)
        and isinstance(node.right.value, float)
    ):
        return node.left.name, node.sign, node.right.value
    return None
