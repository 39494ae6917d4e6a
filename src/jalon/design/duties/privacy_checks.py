"""What is weak in privacy.yaml, held against flows, things and requirements."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from jalon.design.blueprint import Blueprint
from jalon.design.duties.data import (
    SPECIAL,
    DataView,
    data_view,
    outside_eea,
)
from jalon.design.duties.dpia import risks
from jalon.design.duties.marking import few, info, warn
from jalon.design.duties.register import RIGHT_WORDS, unclassified
from jalon.design.duties.retention import conflicts
from jalon.design.duties.screening import screen
from jalon.design.spec.privacy import LawfulBasis, PeopleKind, Processing, Right
from jalon.vocab.finding import Path, Remark
from jalon.vocab.text import N_, Text

PART = "privacy"
_PERSONAL_WORDS = frozenset(
    {"location", "position", "gps", "presence", "occupancy", "motion", "camera", "image", "sound"}
    | {"voice", "noise", "heart", "pulse", "badge", "face", "person", "people"}
)
HIGH = 3
"""From this severity and likelihood on a risk stays high: article 36."""


def check_privacy(blueprint: Blueprint, today: date) -> Iterator[Remark]:
    """Warnings and advice; nothing while no personal data is written down or flows."""
    if not blueprint.privacy.data:
        if blueprint.about.requirements:
            yield from _nothing_written(blueprint)
        return
    yield from _data(blueprint)
    yield from _flows(blueprint)
    view = data_view(blueprint)
    for index, one in enumerate(blueprint.privacy.processings):
        if any(data.personal != "none" for data in view.data_of(one)):
            yield from _processing(view, index, one)
    yield from _promises(blueprint)
    if view.personal:
        yield from _around(blueprint, view)
        yield from _assessment(blueprint, today)


def _promises(blueprint: Blueprint) -> Iterator[Remark]:
    for found in conflicts(blueprint):
        place = blueprint.privacy.processings.index(found.processing)
        key = "id" if found.processing.retention is None else "retention"
        text = N_("Requirement {id} promises “{measure}”, but readings live {days} days.")
        if found.days is None:
            text = N_("Requirement {id} promises “{measure}”, but this has no `retention`.")
        yield warn(
            "privacy.retention",
            PART,
            ("processings", place, key),
            text,
            id=found.requirement.id,
            measure=str(found.requirement.measure),
            days=f"{found.days or 0:g}",
        )


def _nothing_written(blueprint: Blueprint) -> Iterator[Remark]:
    flows = blueprint.architecture.flows
    for index, flow in enumerate(flows):
        if flow.personal_data:
            text = N_("Flow {id} carries personal data, but privacy.yaml lists none.")
            at = ("flows", index, "personal_data")
            yield info("privacy.missing", "architecture", at, text, id=flow.id)
            return


def _data(blueprint: Blueprint) -> Iterator[Remark]:
    view = data_view(blueprint)
    for index, one in enumerate(blueprint.privacy.data):
        if one.personal != "none" and one.id not in view.users:
            yield warn(
                "privacy.unused",
                PART,
                ("data", index, "id"),
                N_("No processing needs “{id}”: say what it is for, or do not collect it."),
                id=one.id,
            )
    loose = unclassified(blueprint)
    suspect = [one for one in loose if _sounds_personal(one)]
    if suspect:
        yield warn(
            "privacy.unclassified",
            PART,
            ("data",),
            N_("These may be about persons and are in no category: {names}."),
            names=few(suspect),
        )
    elif loose:
        yield info(
            "privacy.unclassified",
            PART,
            ("data",),
            N_("Properties in no category, {count}: {names}."),
            count=len(loose),
            names=few(loose),
        )


def _sounds_personal(name: str) -> bool:
    parts = set(name.partition(".")[2].casefold().replace("-", "_").split("_"))
    return bool(parts & _PERSONAL_WORDS)


def _flows(blueprint: Blueprint) -> Iterator[Remark]:
    view = data_view(blueprint)
    personal = {one.id for one in view.personal}
    systems = {one.id for one in blueprint.about.existing_systems}
    for index, flow in enumerate(blueprint.architecture.flows):
        carried = personal & set(flow.data)
        path: Path = ("flows", index)
        if flow.personal_data and not carried:
            yield warn(
                "privacy.flow-data",
                "architecture",
                (*path, "personal_data"),
                N_("Flow {id} carries personal data: name it under `data`."),
                id=flow.id,
            )
        elif carried and not flow.personal_data:
            yield warn(
                "privacy.flow-data",
                "architecture",
                (*path, "data"),
                N_("Flow {id} carries {data}, but is not marked `personal_data: true`."),
                id=flow.id,
                data=few(sorted(carried)),
            )
        if carried and flow.to in systems and not _is_told(view, flow.to, carried):
            yield warn(
                "privacy.recipient",
                "architecture",
                (*path, "to"),
                N_("Personal data reaches “{id}”, which is recipient of no processing of it."),
                id=flow.to,
            )


def _is_told(view: DataView, party: str, carried: set[str]) -> bool:
    return any(
        party in one.recipients and carried & set(one.data)
        for one in view.blueprint.privacy.processings
    )


def _lacks(
    index: int, one: Processing, rule: str, key: str, message: str, **more: object
) -> Remark:
    """A warning at the key when it is written, else at the processing's id."""
    at: Path = ("processings", index, key if getattr(one, key, None) else "id")
    return warn(rule, PART, at, message, **{"id": one.id, **more})


def _processing(view: DataView, index: int, one: Processing) -> Iterator[Remark]:
    if one.basis is None:
        text = N_("“{id}” has no lawful basis.")
        yield _lacks(index, one, "privacy.basis", "basis", text)
    elif one.basis is LawfulBasis.LEGITIMATE_INTERESTS and one.basis_reason is None:
        text = N_("“{id}” rests on legitimate interests: say which, and how they were weighed.")
        yield _lacks(index, one, "privacy.basis", "basis", text)
    if one.retention is None:
        text = N_("“{id}” keeps personal data without an end.")
        yield _lacks(index, one, "privacy.endless", "retention", text)
    if one.information is None:
        text = N_("“{id}” does not say how people are told.")
        yield _lacks(index, one, "privacy.information", "information", text)
    special = [found.id for found in view.data_of(one) if found.nature in SPECIAL]
    if special and one.exception is None:
        text = N_("“{id}” uses special data ({data}) and names no exception of article 9(2).")
        yield _lacks(index, one, "privacy.special", "exception", text, data=few(special))
    yield from _consent(view, one, ("processings", index))
    if one.automated and one.automated.significant and one.automated.human is None:
        text = N_("“{id}” decides on persons alone: say who can step in (article 22).")
        yield _lacks(index, one, "privacy.automated", "automated", text)
    yield from _rights_and_transfers(index, one)


def _rights_and_transfers(index: int, one: Processing) -> Iterator[Remark]:
    answered = {right.right for right in one.rights}
    if missing := sorted(rights_owed(one) - answered):
        words = {f"r{at}": Text(RIGHT_WORDS[right]) for at, right in enumerate(missing)}
        named = Text(", ".join("{" + name + "}" for name in words), words)
        text = N_("“{id}” does not say how these rights are used: {rights}.")
        yield _lacks(index, one, "privacy.rights", "rights", text, rights=named)
    for place, transfer in enumerate(one.transfers):
        if outside_eea(transfer.country) and transfer.safeguard is None:
            text = N_("Data goes to {country} without a safeguard.")
            at = ("processings", index, "transfers", place, "country")
            yield warn("privacy.transfer", PART, at, text, country=transfer.country)


def _consent(view: DataView, one: Processing, path: Path) -> Iterator[Remark]:
    if one.basis is not LawfulBasis.CONSENT:
        return
    if one.consent is None or one.consent.withdrawal is None:
        at = (*path, "consent") if one.consent else (*path, "basis")
        text = N_("“{id}” rests on consent: say how it is taken back as easily as given.")
        yield warn("privacy.consent", PART, at, text, id=one.id)
    children = PeopleKind.CHILDREN in view.people_kinds(view.data_of(one))
    if children and (one.consent is None or one.consent.parents is None):
        at = (*path, "consent") if one.consent else (*path, "basis")
        text = N_("“{id}” rests on consent of children: under 15 in France parents agree too.")
        yield warn("privacy.consent", PART, at, text, id=one.id)


def rights_owed(one: Processing) -> set[Right]:
    """The rights people have, by the basis of the processing."""
    owed = {Right.ACCESS, Right.RECTIFICATION, Right.RESTRICTION}
    if one.basis not in (LawfulBasis.LEGAL_OBLIGATION, LawfulBasis.PUBLIC_TASK):
        owed.add(Right.ERASURE)
    if one.basis in (LawfulBasis.PUBLIC_TASK, LawfulBasis.LEGITIMATE_INTERESTS):
        owed.add(Right.OBJECTION)
    if one.basis in (LawfulBasis.CONSENT, LawfulBasis.CONTRACT):
        owed.add(Right.PORTABILITY)
    if one.automated is not None:
        owed.add(Right.HUMAN_REVIEW)
    return owed


def _around(blueprint: Blueprint, view: DataView) -> Iterator[Remark]:
    privacy = blueprint.privacy
    if privacy.controller is None:
        yield warn("privacy.controller", PART, (), N_("No controller is named (article 30)."))
    if privacy.breach is None:
        text = N_("Nobody is named to notify a breach within 72 hours (article 33).")
        yield warn("privacy.breach", PART, (), text)
    for index, held in enumerate(privacy.processors):
        if held.contract is None:
            text = N_("There is no contract with processor {name} (article 28).")
            yield warn(
                "privacy.contract", PART, ("processors", index, "name"), text, name=held.name
            )
        if outside_eea(held.country) and held.safeguard is None:
            text = N_("Data is held in {country} without a safeguard.")
            at = ("processors", index, "country")
            yield warn("privacy.transfer", PART, at, text, country=held.country)
    holders = {one for category in view.personal for one in view.holders(category)}
    for index, component in enumerate(blueprint.architecture.components):
        abroad = component.id in holders and component.id not in view.hosts
        if abroad and component.country and outside_eea(component.country):
            text = N_("Personal data is held in {country}, by no processor with a safeguard.")
            at = ("components", index, "country")
            yield warn("privacy.transfer", "architecture", at, text, country=component.country)


def _assessment(blueprint: Blueprint, today: date) -> Iterator[Remark]:
    screening = screen(blueprint)
    if not screening.needed:
        return
    notes = blueprint.privacy.dpia
    if notes is None or any(one.prefilled for one in risks(blueprint)):
        text = N_(
            "{count} of nine criteria hold: an impact assessment is owed, and its risks are"
            " not weighed yet."
        )
        path: Path = ("dpia",) if notes else ()
        yield warn("privacy.dpia", PART, path, text, count=len(screening.met))
        return
    if notes.validated_on is None:
        text = N_("The impact assessment is not validated yet.")
        yield info("privacy.dpia", PART, ("dpia",), text)
    if notes.review_on is not None and notes.review_on < today:
        text = N_("The impact assessment was to be looked at again on {date}.")
        at = ("dpia", "review_on")
        yield warn("privacy.dpia-review", PART, at, text, date=notes.review_on)
    if any(one.severity >= HIGH and one.likelihood >= HIGH for one in risks(blueprint)):
        text = N_("A risk stays high: lower it, or consult the authority first (article 36).")
        yield warn("privacy.dpia-high", PART, ("dpia", "risks"), text)
