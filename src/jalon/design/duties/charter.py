"""The ethics questions, with the facts that the files know, against the client's charter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jalon.catalogues.ethics import EthicsQuestion, ethics
from jalon.design.blueprint import Blueprint
from jalon.design.duties.data import LISTENING, DataView, data_view
from jalon.design.duties.product import hosting
from jalon.design.duties.register import unclassified
from jalon.design.duties.screening import VULNERABLE
from jalon.design.spec.privacy import Right
from jalon.design.spec.regulation import Commitment, EthicsAnswer, Stand
from jalon.vocab.text import N_, Text

SCORE_WORDS = {
    0: N_("0 not thought of"),
    1: N_("1 weak"),
    2: N_("2 fair"),
    3: N_("3 good"),
}
STAND_WORDS = {
    Stand.MATCHED: N_("matches the charter"),
    Stand.CONFLICT: N_("conflicts with the charter"),
    Stand.SILENT: N_("the charter is silent"),
}


@dataclass(frozen=True, slots=True)
class EthicsView:
    """A question, what the files know about it, and what people answered."""

    question: EthicsQuestion
    facts: Sequence[Text]
    answer: EthicsAnswer | None


@dataclass(frozen=True, slots=True)
class EthicsReport:
    """All questions. `unheld` are promises that no answer takes up. `score` is the mean of the
    answers, 0 to 3, None without any."""

    questions: Sequence[EthicsView]
    unheld: Sequence[Commitment]
    score: float | None


@lru_cache(maxsize=4)
def ethics_report(blueprint: Blueprint) -> EthicsReport:
    """The grid with its answers."""
    view = data_view(blueprint)
    answers = {one.id: one for one in blueprint.regulation.ethics}
    taken_up = {id_ for one in answers.values() for id_ in one.commitments}
    scores = [one.score for one in answers.values()]
    return EthicsReport(
        tuple(
            EthicsView(one, tuple(_FACTS[one.id](view)), answers.get(one.id))
            for one in ethics().questions
        ),
        tuple(one for one in blueprint.regulation.charter if one.id not in taken_up),
        sum(scores) / len(scores) if scores else None,
    )


def _proportionality(view: DataView) -> list[Text]:
    things = view.blueprint.things.values()
    count = sum(len(one.properties) for one in things)
    loose = unclassified(view.blueprint)
    return [
        Text(
            N_(
                "{count} kinds of values are collected; {personal} categories of them are personal."
            ),
            {"count": count, "personal": len(view.personal)},
        ),
        Text(N_("In no category of privacy.yaml: {count}."), {"count": len(loose)}),
    ]


def _power(view: DataView) -> list[Text]:
    kinds = sorted(view.people_kinds(view.personal) & VULNERABLE)
    objecting = [
        one.id
        for one in view.blueprint.privacy.processings
        if any(right.right is Right.OBJECTION for right in one.rights)
    ]
    whom = ", ".join(kinds) or "–"
    return [
        Text(N_("People concerned who can hardly refuse: {kinds}."), {"kinds": whom}),
        Text(
            N_("Processings that say how to object: {count} of {all}."),
            {"count": len(objecting), "all": len(view.blueprint.privacy.processings)},
        ),
    ]


def _transparency(view: DataView) -> list[Text]:
    listening = [one.id for one in view.personal if one.nature in LISTENING]
    silent = [one.id for one in view.blueprint.privacy.processings if one.information is None]
    return [
        Text(
            N_("Sensors that listen to, look at or follow people: {ids}."),
            {"ids": ", ".join(listening) or "–"},
        ),
        Text(
            N_("Processings of which people are not told: {ids}."),
            {"ids": ", ".join(silent) or "–"},
        ),
    ]


def _fairness(view: DataView) -> list[Text]:
    done = view.blueprint.privacy.processings
    rating = [one.id for one in done if one.scoring or one.automated]
    return [
        Text(
            N_("Processings that rate persons or decide on them: {ids}."),
            {"ids": ", ".join(rating) or "–"},
        )
    ]


def _reversibility(view: DataView) -> list[Text]:
    done = view.blueprint.privacy.processings
    erasing = [one for one in done if any(right.right is Right.ERASURE for right in one.rights)]
    product = view.blueprint.regulation.product
    said = product is not None and product.data_access is not None
    return [
        Text(
            N_("Processings that say how to erase: {count} of {all}."),
            {"count": len(erasing), "all": len(done)},
        ),
        Text(N_("How users take their data is written."))
        if said
        else Text(N_("How users take their data is not written (regulation.yaml, product).")),
    ]


def _sobriety(view: DataView) -> list[Text]:
    things = view.blueprint.things.values()
    a_day = sum(one.devices * 86_400 / one.period_s for one in things if one.period_s)
    found = [Text(N_("About {count} messages a day from all devices."), {"count": f"{a_day:,.0f}"})]
    for one in view.blueprint.values:
        if one.subject.startswith(("battery.", "energy.")):
            params = {"subject": one.subject, "amount": f"{one.amount:f}", "unit": one.unit}
            found.append(Text("{subject}: {amount} {unit}", params))
    return found


def _sovereignty(view: DataView) -> list[Text]:
    places = hosting(view.blueprint)
    shown = "; ".join(f"{country}: {', '.join(ids)}" for country, ids in sorted(places.items()))
    held = ", ".join(f"{one.name} ({one.country})" for one in view.blueprint.privacy.processors)
    return [
        Text(N_("Components by country: {places}."), {"places": shown or "–"}),
        Text(N_("Processors: {names}."), {"names": held or "–"}),
    ]


_FACTS: Mapping[str, Callable[[DataView], list[Text]]] = {
    "proportionality": _proportionality,
    "power": _power,
    "transparency": _transparency,
    "fairness": _fairness,
    "reversibility": _reversibility,
    "sobriety": _sobriety,
    "sovereignty": _sovereignty,
}
