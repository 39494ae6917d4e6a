"""The tables of workshops 1 and 2."""

from __future__ import annotations

from collections.abc import Iterator

from jalon.design.blueprint import Blueprint
from jalon.design.ebios.baseline import baseline
from jalon.design.ebios.business import Value
from jalon.design.ebios.events import Event
from jalon.design.ebios.origins import Origin, objective_names, origin_names
from jalon.design.ebios.sheet import Cell, Cells, Graded, Line, Sheet
from jalon.design.ebios.study import Study
from jalon.design.ebios.words import ASSET_KINDS, BASELINE, QUALITIES, VALUE_KINDS
from jalon.design.scales import GRAVITY_WORDS, Gravity
from jalon.design.spec.ebios import Quality
from jalon.vocab.text import N_, Text

ID = ("id", N_("Id"))
NAME = ("name", N_("Name"))
OWNER = ("owner", N_("Owner"))


def scope_sheets(blueprint: Blueprint, found: Study) -> Iterator[Sheet]:
    """Workshop 1: missions, business values with their needs, feared events, supporting assets,
    baseline."""
    yield _missions(found)
    yield _values(found)
    yield _events(found)
    yield _assets(found)
    yield Sheet(
        "baseline",
        1,
        N_("Security baseline"),
        (ID, ("standard", N_("Standard")), ("status", N_("Status")), ("gaps", N_("Gaps"))),
        tuple(
            Line(
                (one.id, one.label, Graded(one.status, Text(BASELINE[one.status])), one.gaps),
                one.id,
                one.source,
            )
            for one in baseline(blueprint)
        ),
        "baseline",
        N_("Add a standard"),
    )


def gravity(level: Gravity) -> Graded:
    """G1 to G4 in words."""
    return Graded(int(level), Text(GRAVITY_WORDS[level]))


def yes_no(answer: bool | None) -> Graded:
    """In words; None is nobody's answer yet."""
    words = {True: N_("yes"), False: N_("no"), None: N_("not judged")}
    return Graded({True: "yes", False: "no", None: ""}[answer], Text(words[answer]))


def _missions(found: Study) -> Sheet:
    return Sheet(
        "missions",
        1,
        N_("Missions"),
        (ID, NAME, ("description", N_("What it is for"))),
        tuple(
            Line((one.id, one.label, one.description), one.id, one.source) for one in found.missions
        ),
        "missions",
        N_("Add a mission"),
    )


def _values(found: Study) -> Sheet:
    def need(value: Value, quality: Quality) -> Graded:
        level = value.needs.of(quality)
        if level is not None:
            return gravity(Gravity(level))
        proposal = value.proposed.get(quality)
        level = proposal.gravity if proposal else Gravity.MINOR
        text = Text(N_("{level}, proposed"), {"level": Text(GRAVITY_WORDS[Gravity(level)])})
        return Graded(int(level), text)

    return Sheet(
        "business-values",
        1,
        N_("Business values"),
        (
            ID,
            NAME,
            ("kind", N_("Kind")),
            *((str(one), QUALITIES[one]) for one in Quality),
            OWNER,
            ("left_out", N_("Left out because")),
        ),
        tuple(
            Line(
                (
                    one.id,
                    one.label,
                    Graded(one.kind, Text(VALUE_KINDS[one.kind])),
                    *(need(one, quality) for quality in Quality),
                    one.owner,
                    one.left_out,
                ),
                one.id,
                one.source,
            )
            for one in found.values
        ),
        "business_values",
        N_("Add a business value"),
    )


def _events(found: Study) -> Sheet:
    ordered = sorted(found.events, key=lambda one: -one.gravity)
    return Sheet(
        "feared-events",
        1,
        N_("Feared events"),
        (
            ID,
            NAME,
            ("value", N_("Business value")),
            ("quality", N_("What is lost")),
            ("gravity", N_("Gravity")),
            ("confirmed", N_("Confirmed")),
            ("proposed", N_("What the files suggest")),
            ("impacts", N_("Impacts")),
            ("left_out", N_("Left out because")),
        ),
        tuple(Line(_event(one), one.id, one.source) for one in ordered),
        "feared_events",
        N_("Add a feared event"),
    )


def _event(one: Event) -> tuple[Cells, ...]:
    why: Cell = None
    if one.proposed is not None:
        word = Text(GRAVITY_WORDS[one.proposed.gravity])
        why = Text(N_("{level}: {reason}"), {"level": word, "reason": one.proposed.why})
    return (
        one.id,
        one.label,
        one.value,
        Graded(one.quality, Text(QUALITIES[one.quality])) if one.quality else None,
        gravity(one.gravity),
        yes_no(one.confirmed),
        why,
        one.impacts,
        one.left_out,
    )


def _assets(found: Study) -> Sheet:
    return Sheet(
        "supporting-assets",
        1,
        N_("Supporting assets"),
        (
            ID,
            NAME,
            ("kind", N_("Kind")),
            ("zone", N_("Zone")),
            ("exposed", N_("Within reach of strangers")),
            ("values", N_("Business values it carries")),
            OWNER,
            ("left_out", N_("Left out because")),
        ),
        tuple(
            Line(
                (
                    one.id,
                    one.label,
                    Graded(one.kind, Text(ASSET_KINDS[one.kind])),
                    one.zone,
                    yes_no(one.exposed),
                    one.values,
                    one.owner,
                    one.left_out,
                ),
                one.id,
                one.source,
            )
            for one in found.assets
        ),
        "supporting_assets",
        N_("Add a supporting asset"),
    )


def origin_sheets(blueprint: Blueprint, found: Study) -> Iterator[Sheet]:
    """Workshop 2: the pairs judged, and those of the catalogue that wait for it."""
    used = {one.pair: one.id for one in blueprint.ebios.strategic_scenarios}
    judged = [one for one in found.origins if one.retained is not None]
    judged.sort(key=lambda one: (not one.retained, -one.relevance))
    yield Sheet(
        "pairs",
        2,
        N_("Risk origins and what they are after"),
        (
            ID,
            NAME,
            *_WHO,
            ("activity", N_("Activity")),
            _RELEVANCE,
            ("retained", N_("Retained")),
            ("reason", N_("Reason")),
            ("scenario", N_("Strategic scenario")),
        ),
        tuple(Line(_pair(one, used.get(one.id)), one.id) for one in judged),
        "pairs",
        N_("Add a pair"),
    )
    waiting = [one for one in found.origins if one.retained is None]
    waiting.sort(key=lambda one: -one.relevance)
    yield Sheet(
        "proposed-pairs",
        2,
        N_("Usual pairs that nobody judged yet"),
        (*_WHO, _RELEVANCE),
        tuple(Line((*_who(one), one.relevance)) for one in waiting),
    )


_WHO = (
    ("origin", N_("Risk origin")),
    ("objective", N_("Target objective")),
    ("motivation", N_("Motivation")),
    ("resources", N_("Resources")),
)
_RELEVANCE = ("relevance", N_("Relevance"))


def _who(one: Origin) -> tuple[Cells, ...]:
    names = (origin_names(one.origin), objective_names(one.objective))
    return (*names, one.motivation, one.resources)


def _pair(one: Origin, scenario: str | None) -> tuple[Cells, ...]:
    return (
        one.id,
        one.label,
        *_who(one),
        one.activity,
        one.relevance,
        yes_no(one.retained),
        one.reason,
        scenario,
    )
