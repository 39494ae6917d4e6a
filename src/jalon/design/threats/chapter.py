"""Its chapter in the documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from jalon.catalogues.security_standards import feature_names
from jalon.catalogues.threat_rules import threat_catalogue
from jalon.design.blueprint import Blueprint
from jalon.design.document import Block, Bullets, Heading, Note, Paragraph, Speak, Table
from jalon.design.scales import (
    GRAVITY_WORDS,
    LIKELIHOOD_WORDS,
    RISK_WORDS,
    Gravity,
    Likelihood,
    Risk,
)
from jalon.design.scales import risk as level_of
from jalon.design.threats.chain import matrix, proofs, treated_by
from jalon.design.threats.coverage import STANDING_WORDS, Coverage, Covered, Standing, coverage
from jalon.design.threats.report import threats
from jalon.design.threats.threat import STRIDE_WORDS, Threat
from jalon.design.threats.words import STRENGTH_WORDS, TREATMENT_WORDS, VERDICT_WORDS
from jalon.vocab.text import N_, Text


def chapter(blueprint: Blueprint, speak: Speak, today: date) -> Iterator[Block]:
    """Summary, matrices, what weighs most, controls with their tests, standards, acceptances."""
    found = threats(blueprint)
    if not found:
        return
    tell = _Teller(speak)
    yield Heading(tell(N_("Threats and their treatment")), 1, "threats")
    yield from _summary(found, tell)
    yield Heading(tell(N_("Gravity and likelihood")), 2)
    yield tell.matrix(found, residual=False)
    yield tell.matrix(found, residual=True)
    yield from _weighty(found, tell, today)
    yield from _controls(blueprint, found, tell)
    yield from _accepted(blueprint, found, tell, today)
    yield from standards_blocks(coverage(blueprint), speak)


class _Teller:
    """Our sentences in the reader's language."""

    def __init__(self, speak: Speak) -> None:
        self.speak = speak

    def __call__(self, message: str, **params: object) -> str:
        return self.speak.render(Text(message, params))

    def matrix(self, found: Sequence[Threat], *, residual: bool) -> Table:
        """Counts by likelihood and gravity, each with the level of risk in words."""
        counts = matrix(found, residual=residual)
        caption = (
            N_("Threats after what is done, by likelihood and gravity")
            if residual
            else N_("Threats before anything is done, by likelihood and gravity")
        )
        rows = []
        for likelihood in reversed(Likelihood):
            cells = [
                f"{counts.get((likelihood, gravity), 0)}"
                f" ({self(RISK_WORDS[level_of(gravity, likelihood)])})"
                for gravity in Gravity
            ]
            rows.append([self(LIKELIHOOD_WORDS[likelihood]), *cells])
        header = [self(N_("Likelihood")), *(self(GRAVITY_WORDS[one]) for one in Gravity)]
        return Table(self(caption), header, rows)


def _summary(found: Sequence[Threat], tell: _Teller) -> Iterator[Block]:
    before, after = Counter(one.initial for one in found), Counter(one.residual for one in found)
    yield Paragraph(
        tell(
            N_(
                "Rules over the architecture, and what was added by hand, give the threats below:"
                " {count} in all. Gravity comes from what is at stake, likelihood from how an"
                " element is reached. A control lowers a threat as far as its tests prove it; while"
                " a test fails, the risk is as high as before."
            ),
            count=len(found),
        )
    )
    header = [tell(N_("Risk")), tell(N_("Before")), tell(N_("After"))]
    rows = [
        [tell(RISK_WORDS[level]), str(before[level]), str(after[level])] for level in reversed(Risk)
    ]
    yield Table(tell(N_("Threats by risk, before and after what is done")), header, rows)
    rules = threat_catalogue()
    yield Note(tell(N_("Source")), f"{rules.source} ({rules.edition}). {' '.join(rules.to_check)}")


def _weighty(found: Sequence[Threat], tell: _Teller, today: date) -> Iterator[Block]:
    """Those that are not low, before or after."""
    shown = [one for one in found if max(one.initial, one.residual) > Risk.LOW]
    yield Heading(tell(N_("High and medium risks")), 2)
    if not shown:
        yield Paragraph(tell(N_("Every risk is low.")))
        return
    header = [
        tell(N_("Threat")),
        tell(N_("Element")),
        tell(N_("Kind")),
        tell(N_("Before")),
        tell(N_("After")),
        tell(N_("Treatment")),
    ]
    rows = [
        [
            tell.speak.word(one.title),
            one.element,
            ", ".join(tell(STRIDE_WORDS[letter]) for letter in one.stride) or "LINDDUN",
            f"G{one.gravity} V{one.likelihood} {tell(RISK_WORDS[one.initial])}",
            f"G{one.residual_gravity} V{one.residual_likelihood} {tell(RISK_WORDS[one.residual])}",
            _done(one, tell, today),
        ]
        for one in shown
    ]
    yield Table(tell(N_("Threats whose risk is or was high or medium")), header, rows)


def _done(one: Threat, tell: _Teller, today: date) -> str:
    word = tell(TREATMENT_WORDS[one.treatment(today)])
    return f"{word} ({', '.join(one.controls)})" if one.controls else word


def _controls(blueprint: Blueprint, found: Sequence[Threat], tell: _Teller) -> Iterator[Block]:
    every, treats = proofs(blueprint), treated_by(found)
    if not every:
        return
    yield Heading(tell(N_("Controls and their tests")), 2)
    header = [
        tell(N_("Control")),
        tell(N_("What is done")),
        tell(N_("Worth")),
        tell(N_("Threats")),
        tell(N_("Tests and last results")),
        tell(N_("Answers for it")),
        tell(N_("Due")),
    ]
    rows = []
    for proof in every:
        one = proof.control
        tests = [
            f"{case}: {tell(VERDICT_WORDS[result.verdict if result else None])}"
            + (f" ({result.on})" if result and result.on else "")
            for case, result in proof.tests
        ]
        rows.append(
            [
                one.id,
                tell.speak.word(one.name),
                tell(STRENGTH_WORDS[proof.strength]),
                str(treats.get(one.id, 0)),
                "; ".join(tests) or "–",
                one.owner or "–",
                str(one.due or "–"),
            ]
        )
    yield Table(tell(N_("Controls, what they are worth today, and why")), header, rows)


def _accepted(
    blueprint: Blueprint, found: Sequence[Threat], tell: _Teller, today: date
) -> Iterator[Block]:
    if not blueprint.security.accepted and not blueprint.security.not_applicable:
        return
    yield Heading(tell(N_("Accepted and left out")), 2)
    if blueprint.security.accepted:
        header = [
            tell(N_("Threat")),
            tell(N_("Why it is lived with")),
            tell(N_("Decided by")),
            tell(N_("On")),
            tell(N_("Until")),
        ]
        rows = [
            [
                one.threat,
                tell.speak.word(one.reason),
                one.by,
                str(one.on),
                _until(one.until, today, tell),
            ]
            for one in blueprint.security.accepted
        ]
        yield Table(tell(N_("Threats that are accepted")), header, rows)
    if blueprint.security.not_applicable:
        yield Paragraph(tell(N_("Threats of the rules that cannot happen here:")))
        yield Bullets(
            [
                f"{one.threat} – {tell.speak.word(one.reason)}"
                for one in blueprint.security.not_applicable
            ]
        )


def _until(until: date | None, today: date, tell: _Teller) -> str:
    if until is None:
        return "–"
    return str(until) if until >= today else tell(N_("{until}, ended"), until=until)


def standards_blocks(held: Sequence[Coverage], speak: Speak) -> Iterator[Block]:
    """Each standard: shares, every provision, what is to be checked."""
    tell = _Teller(speak)
    if not held:
        return
    yield Heading(tell(N_("Coverage of standards")), 2)
    header = [
        tell(N_("Standard")),
        tell(N_("Edition")),
        tell(N_("That apply")),
        tell(N_("Answered")),
        tell(N_("Proved by tests")),
        tell(N_("Mandatory and open")),
    ]
    rows = [
        [
            one.standard.name,
            one.standard.edition,
            str(len(one.applying)),
            _share(one.covered_percent),
            _share(one.proved_percent),
            ", ".join(open_.provision.id for open_ in one.open_mandatory) or "0",
        ]
        for one in held
    ]
    yield Table(tell(N_("How far each standard is answered")), header, rows)
    for one in held:
        yield Heading(f"{one.standard.name} – {speak.word(one.standard.names)}", 3)
        yield Note(tell(N_("To check")), " ".join(one.standard.to_check))
        yield _provisions(one, tell)


def _provisions(held: Coverage, tell: _Teller) -> Table:
    header = [
        tell(N_("Provision")),
        tell(N_("Meaning")),
        tell(N_("Status")),
        tell(N_("Standing")),
        tell(N_("Answered by")),
        tell(N_("Reason")),
    ]
    rows = [
        [
            one.provision.id,
            tell.speak.word(one.provision.names),
            one.provision.status.value,
            tell(STANDING_WORDS[one.standing]),
            ", ".join(one.controls) or "–",
            _why(one, tell),
        ]
        for one in held.provisions
    ]
    caption = tell(N_("{standard}: every provision"), standard=held.standard.name)
    return Table(caption, header, rows)


def _why(one: Covered, tell: _Teller) -> str:
    if one.statement:
        return tell.speak.word(one.statement.justification)
    feature = f"{tell.speak.word(feature_names()[one.feature])}, " if one.feature else ""
    through = f" ({', '.join(one.through)})" if one.through else ""
    shown = one.standing in (Standing.NOT_APPLICABLE, Standing.UNSAID) or feature
    return (feature + tell.speak.render(one.why) if shown else "–") + through


def _share(percent: int | None) -> str:
    return "–" if percent is None else f"{percent} %"
