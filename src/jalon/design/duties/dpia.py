"""The impact assessment: the CNIL tool's sections, filled as far as the files can."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jalon.catalogues.dpia_criteria import FearedEventEntry, dpia_criteria
from jalon.catalogues.regulations import regulations
from jalon.design.blueprint import Blueprint
from jalon.design.controls import strength
from jalon.design.document import Speak
from jalon.design.duties.data import HIGHLY_PERSONAL, SPECIAL, data_view, outside_eea
from jalon.design.duties.register import (
    BASIS_WORDS,
    NATURE_WORDS,
    PEOPLE_WORDS,
    RIGHT_WORDS,
    RegisterEntry,
    register,
)
from jalon.design.duties.screening import VULNERABLE
from jalon.design.spec.dpia import FearedRisk
from jalon.design.spec.privacy import Right
from jalon.design.spec.security import Control
from jalon.vocab.entries import Wording
from jalon.vocab.text import N_, Text
from jalon.vocab.times import DAY_MS

LEVELS = {
    1: N_("1 negligible"),
    2: N_("2 limited"),
    3: N_("3 important"),
    4: N_("4 maximal"),
}
"""The CNIL's scales of severity and likelihood."""

QUESTIONS: dict[int, str] = {
    111: N_("Which processing is under consideration?"),
    112: N_("Who is responsible for it?"),
    113: N_("Which standards apply to it?"),
    121: N_("Which data is processed?"),
    122: N_("What is its life cycle?"),
    123: N_("On what is it kept and carried?"),
    211: N_("Are the purposes specified, explicit and legitimate?"),
    212: N_("What is the lawful basis?"),
    213: N_("Is the data adequate, relevant and limited?"),
    214: N_("Is the data accurate and up to date?"),
    215: N_("How long is the data kept?"),
    221: N_("How are people informed?"),
    222: N_("How is consent obtained, where it is the basis?"),
    223: N_("How do people use access and portability?"),
    224: N_("How do people use rectification and erasure?"),
    225: N_("How do people use restriction and objection?"),
    226: N_("Are the duties of processors settled by contract?"),
    227: N_("Is data transferred outside the European Union protected enough?"),
}
"""Numbers of the questions in the CNIL's tool; wordings ours."""

RISK_SECTIONS = {"access": 2, "change": 3, "loss": 4}
"""Places of the feared events in section 3 of the tool."""


@dataclass(frozen=True, slots=True)
class RiskView:
    """A feared event: what the files prefill, with what people wrote over it. `prefilled` tells
    that severity and likelihood are a proposal nobody confirmed."""

    entry: FearedEventEntry
    impacts: Sequence[Wording]
    threats: Sequence[Wording]
    sources: Sequence[Wording]
    measures: Sequence[Control]
    severity: int
    likelihood: int
    severity_because: Text | Wording
    likelihood_because: Text | Wording
    prefilled: bool


@lru_cache(maxsize=4)
def risks(blueprint: Blueprint) -> Sequence[RiskView]:
    """The three feared events. Severity is proposed from the data (special 4, highly personal or
    of people who can hardly refuse 3, direct 2, else 1); likelihood from the controls that count
    (none 3, some planned 3, some there 2)."""
    notes = blueprint.privacy.dpia
    written = {one.id.value: one for one in (notes.risks if notes else ())}
    return tuple(
        _risk(blueprint, entry, written.get(entry.id)) for entry in dpia_criteria().feared_events
    )


def _risk(blueprint: Blueprint, entry: FearedEventEntry, said: FearedRisk | None) -> RiskView:
    severity, why_severe = _severity(blueprint)
    ids = set(said.measures) if said else set()
    for one in blueprint.privacy.processings:
        ids |= set(one.security)
    measures = [one for one in blueprint.security.controls if one.id in ids]
    likelihood, why_likely = _likelihood(blueprint, measures)
    weighed = said is not None and said.severity is not None and said.likelihood is not None
    return RiskView(
        entry,
        said.impacts if said and said.impacts else [entry.impacts],
        said.threats if said else [],
        said.sources if said and said.sources else [entry.sources],
        measures,
        said.severity if said and said.severity else severity,
        said.likelihood if said and said.likelihood else likelihood,
        (said.severity_reason if said and said.severity_reason else why_severe),
        (said.likelihood_reason if said and said.likelihood_reason else why_likely),
        not weighed,
    )


def _severity(blueprint: Blueprint) -> tuple[int, Text]:
    view = data_view(blueprint)
    if any(one.nature in SPECIAL for one in view.personal):
        return 4, Text(N_("Special data is processed."))
    if any(one.nature in HIGHLY_PERSONAL for one in view.personal):
        return 3, Text(N_("Highly personal data, such as a location, is processed."))
    if view.people_kinds(view.personal) & VULNERABLE:
        return 2, Text(N_("The people can hardly refuse, but the data says little of them."))
    return 1, Text(N_("The data says little of people who can refuse."))


def _likelihood(blueprint: Blueprint, measures: Sequence[Control]) -> tuple[int, Text]:
    there = [one for one in measures if strength(one, blueprint.results).counts]
    if there:
        return 2, Text(N_("Controls are in place: {count}."), {"count": len(there)})
    if measures:
        return 3, Text(N_("Controls are only planned: {count}."), {"count": len(measures)})
    return 3, Text(N_("No control of security.yaml is named for the processings."))


def answers(blueprint: Blueprint, speak: Speak) -> dict[int, list[str]]:
    """Lines that the files answer to each question of sections 1 and 2, in the reader's
    language."""
    lines = _Answers(blueprint, speak)
    return {number: lines.lines(number) for number in QUESTIONS}


class _Answers:
    def __init__(self, blueprint: Blueprint, speak: Speak) -> None:
        self._blueprint = blueprint
        self._speak = speak
        found = register(blueprint)
        self._entries: list[RegisterEntry] = [*found.controller, *found.processor]

    def lines(self, number: int) -> list[str]:
        """The lines of one answer; a sentence saying so when the files have none."""
        section = number // 100
        group = {1: self._context, 2: self._principles}[section]
        return list(group(number)) or [self._say(N_("The files do not say; to be completed."))]

    def _context(self, number: int) -> Iterator[str]:
        word = self._speak.word
        privacy = self._blueprint.privacy
        if number == 111:
            yield word(self._blueprint.about.problem.statement)
            for one in self._entries:
                yield f"{word(one.processing.name)}: {word(one.processing.purpose)}"
        elif number == 112:
            if privacy.controller:
                yield self._say(N_("Controller: {name}"), name=privacy.controller.name)
            for held in privacy.processors:
                yield self._say(
                    N_("Processor: {name}, {country}"), name=held.name, country=held.country
                )
        elif number == 113:
            for law in regulations().regulations:
                if any(duty.id.startswith(law.id) for duty in self._blueprint.regulation.duties):
                    yield f"{word(law.name)}, {word(law.reference)}"
            for own in self._blueprint.regulation.own:
                yield word(own.regulation)
        elif number == 121:
            yield from self._data()
        else:
            yield from self._life(number)

    def _data(self) -> Iterator[str]:
        view = data_view(self._blueprint)
        for one in view.personal:
            kinds = sorted(view.people_kinds([one]))
            people = ", ".join(self._say(PEOPLE_WORDS[kind]) for kind in kinds)
            yield self._say(
                N_("{name} ({nature}): {people}"),
                name=self._speak.word(one.name),
                nature=self._say(NATURE_WORDS[one.nature]),
                people=people or "–",
            )

    def _life(self, number: int) -> Iterator[str]:
        view = data_view(self._blueprint)
        word = self._speak.word
        if number == 123:
            for category in view.personal:
                holders = [
                    word(view.components[one])
                    for one in view.holders(category)
                    if one in view.components
                ]
                yield f"{word(category.name)}: {', '.join(holders)}"
            return
        carried = {one.id for one in view.personal}
        for flow in self._blueprint.architecture.flows:
            if flow.personal_data or carried & set(flow.data):
                ends = [word(view.components[end]) for end in (flow.from_, flow.to)]
                yield f"{flow.id}: {ends[0]} → {ends[1]} ({flow.protocol})"

    def _principles(self, number: int) -> Iterator[str]:
        if number == 226:
            for held in self._blueprint.privacy.processors:
                missing = self._say(N_("no contract written down"))
                yield f"{held.name}: {held.contract or missing}"
            return
        if number == 214:
            yield self._say(
                N_(
                    "A reading outside the bounds of its type is kept and marked; a late one bears"
                    " its own time, and none is counted twice."
                )
            )
            return
        if number == 222 and not any(one.processing.consent for one in self._entries):
            yield self._say(N_("No processing rests on consent."))
            return
        for one in self._entries:
            if text := self._principle(number, one):
                yield f"{self._speak.word(one.processing.name)}: {text}"

    def _principle(self, number: int, entry: RegisterEntry) -> str:
        word, one = self._speak.word, entry.processing
        match number:
            case 211:
                return word(one.purpose)
            case 212:
                basis = self._say(BASIS_WORDS[one.basis]) if one.basis else ""
                return " ".join(part for part in (basis, word(one.basis_reason)) if part)
            case 213:
                return word(one.necessity)
            case 215:
                return self._kept(entry)
            case 221:
                return word(one.information)
            case 222 if one.consent:
                parts = (one.consent.given, one.consent.withdrawal, one.consent.proof)
                return " ".join(word(part) for part in parts if part)
            case 223:
                return self._rights(entry, (Right.ACCESS, Right.PORTABILITY))
            case 224:
                return self._rights(entry, (Right.RECTIFICATION, Right.ERASURE))
            case 225:
                return self._rights(entry, (Right.RESTRICTION, Right.OBJECTION))
            case 227:
                return self._abroad(entry)
            case _:
                return ""

    def _kept(self, entry: RegisterEntry) -> str:
        one = entry.processing
        if one.retention is None:
            return self._say(N_("no time is written"))
        days = self._say(N_("{days} days"), days=f"{one.retention / DAY_MS:g}")
        return " ".join(part for part in (days, self._speak.word(one.retention_reason)) if part)

    def _rights(self, entry: RegisterEntry, rights: Sequence[Right]) -> str:
        return "; ".join(
            f"{self._say(RIGHT_WORDS[one.right])}: {self._speak.word(one.how)}"
            for one in entry.processing.rights
            if one.right in rights
        )

    def _abroad(self, entry: RegisterEntry) -> str:
        found = [
            f"{self._speak.word(one.names)} ({one.country})"
            for one in entry.recipients
            if one.abroad
        ]
        found += [
            f"{self._speak.word(one.to)} ({one.country}): {self._speak.word(one.safeguard)}"
            for one in entry.processing.transfers
            if outside_eea(one.country)
        ]
        return "; ".join(found) or self._say(N_("no transfer outside the EEA"))

    def _say(self, message: str, **params: object) -> str:
        return self._speak.render(Text(message, params))
