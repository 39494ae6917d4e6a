"""The tables of workshops 1 and 2."""

from __future__ import annotations

from collections.abc import Iterator

from jalon.design.blueprint import Blueprint
from jalon.design.ebios.baseline import baseline
from jalon.design.ebios.business import Value
from jalon.design.ebios.events import Event
from jalon.design.ebios.origins import Origin, objective_names, origin_names
from jalon.design.ebios.sheet import Cell, Graded, Line, Sheet
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
    def why(event: Event) -> Cell:
        if event.proposed is None:
            return None
        gravity_word = Text(GRAVITY_WORDS[event.proposed.gravity])
        said = {"level": gravity_word, "reason": event.proposed.why}
        return Text(N_("{level}: {reason}"), said)

    lines = (
        Line(
            (
                one.id,
                one.label,
                one.value,
                Graded(one.quality, Text(QUALITIES[one.quality])) if one.quality else None,
                gravity(one.gravity),
                yes_no(one.confirmed),
                why(one),
                tuple(one.impacts),
                one.left_out,
            ),
            one.id,
            one.source,
        )
        for one in sorted(found.events, key=lambda one: -one.gravity)
    )
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
        tuple(lines),
        "feared_events",
        N_("Add a feared event"),
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
    columns = (
        ID,
        NAME,
        ("origin", N_("Risk origin")),
        ("objective", N_("Target objective")),
        ("motivation", N_("Motivation")),
        ("resources", N_("Resources")),
        ("activity", N_("Activity")),
        ("relevance", N_("Relevance")),
        ("retained", N_("Retained")),
        ("reason", N_("Reason")),
        ("scenario", N_("Strategic scenario")),
    )

    def line(one: Origin) -> Line:
        cells = (
            one.id,
            one.label,
            origin_names(one.origin),
            objective_names(one.objective),
            one.motivation,
            one.resources,
            one.activity,
            one.relevance,
            yes_no(one.retained),
            one.reason,
            used.get(one.id),
        )
        return Line(cells, one.id)

    judged = [one for one in found.origins if one.retained is not None]
    judged.sort(key=lambda one: (not one.retained, -one.relevance))
    title, add = N_("Risk origins and what they are after"), N_("Add a pair")
    yield Sheet("pairs", 2, title, columns, tuple(map(line, judged)), "pairs", add)
    open_ones = sorted(
        (one for one in found.origins if one.retained is None), key=lambda one: -one.relevance
    )
    shown = (2, 3, 4, 5, 7)
    lines = (tuple(line(one).cells[at] for at in shown) for one in open_ones)
    yield Sheet(
        "proposed-pairs",
        2,
        N_("Usual pairs that nobody judged yet"),
        tuple(columns[at] for at in shown),
        tuple(map(Line, lines)),
    )
