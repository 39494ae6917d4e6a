"""Ethics and accessibility, as blocks of a document."""

from __future__ import annotations

from collections.abc import Iterator

from jalon.catalogues.accessibility_duties import accessibility_duties
from jalon.design.blueprint import Blueprint
from jalon.design.document import Block, Bullets, Heading, Paragraph, Speak, Table, Terms
from jalon.design.duties.access import access_report
from jalon.design.duties.charter import SCORE_WORDS, STAND_WORDS, EthicsView, ethics_report
from jalon.design.duties.phrases import Phrases
from jalon.design.spec.accessibility import Conformity, Exemption
from jalon.vocab.text import N_

CONFORMITY_WORDS = {
    Conformity.TOTAL: N_("totally conforming"),
    Conformity.PARTIAL: N_("partially conforming"),
    Conformity.NONE: N_("not conforming"),
}
EXEMPTION_WORDS = {
    Exemption.DISPROPORTIONATE: N_("disproportionate burden"),
    Exemption.EXEMPT_CONTENT: N_("exempt content"),
    Exemption.THIRD_PARTY: N_("third party's content"),
}


def ethics_blocks(blueprint: Blueprint, speak: Speak) -> Iterator[Block]:
    """Questions, facts, answers, and how they stand to the charter."""
    phrases = Phrases(speak)
    report = ethics_report(blueprint)
    yield Heading(phrases.say(N_("Ethics")), 2, "duties-ethics")
    if blueprint.regulation.charter:
        yield Paragraph(phrases.say(N_("The client's charter promises:")))
        yield Bullets([speak.word(one.text) for one in blueprint.regulation.charter])
    if report.score is not None:
        yield Paragraph(
            phrases.say(
                N_("Answers have {score} of 3 on average; the reasons count, not the figure."),
                score=f"{report.score:.1f}",
            )
        )
    header = [N_("Question"), N_("What the files know"), N_("Answer"), N_("Charter")]
    yield Table(
        phrases.say(N_("Questions of ethics")),
        [phrases.say(one) for one in header],
        [_ethics(phrases, blueprint, one) for one in report.questions],
    )
    if report.unheld:
        yield Paragraph(
            phrases.say(
                N_("Promises that no answer takes up: {promises}"),
                promises=phrases.joined(one.text for one in report.unheld),
            )
        )


def _ethics(phrases: Phrases, blueprint: Blueprint, one: EthicsView) -> list[str]:
    said = one.answer
    promises = {found.id: found.text for found in blueprint.regulation.charter}
    asked = f"{phrases.text(one.question.name)}: {phrases.text(one.question.question)}"
    known = " ".join(phrases.text(found) for found in one.facts)
    if said is None:
        return [asked, known, phrases.say(N_("no answer yet")), "–"]
    kept = [phrases.text(promises[id_]) for id_ in said.commitments if id_ in promises]
    stand = phrases.say(STAND_WORDS[said.stand])
    return [
        asked,
        known,
        f"{phrases.say(SCORE_WORDS[said.score])} – {phrases.text(said.reason)}",
        f"{stand}: {', '.join(kept)}" if kept else stand,
    ]


def access_blocks(blueprint: Blueprint, speak: Speak) -> Iterator[Block]:
    """What is owed, what is promised, for whom, and the declaration as far as it is."""
    phrases = Phrases(speak)
    report = access_report(blueprint)
    written = blueprint.accessibility
    yield Heading(phrases.say(N_("Accessibility")), 2, "duties-accessibility")
    owed = {
        True: N_("The law asks the client for RGAA on these pages."),
        False: N_("The law does not ask the client for RGAA on these pages."),
        None: N_("Whether the law asks for RGAA cannot be decided yet."),
    }[report.owed]
    yield Paragraph(phrases.say(owed))
    if written.aim:
        yield Terms(
            [
                (phrases.say(N_("Standard")), written.aim.standard),
                (
                    phrases.say(N_("To be declared")),
                    phrases.say(CONFORMITY_WORDS[written.aim.conformity]),
                ),
                (phrases.say(N_("Perimeter")), ", ".join(written.aim.components) or "–"),
                (phrases.say(N_("By")), phrases.day(written.aim.by)),
            ]
        )
    yield from _needs(blueprint, phrases)
    yield from _derogations(blueprint, phrases)
    yield from _statement(blueprint, phrases)


def _needs(blueprint: Blueprint, phrases: Phrases) -> Iterator[Block]:
    report = access_report(blueprint)
    if report.needs:
        rows = []
        for one in report.needs:
            found = ", ".join(asked.id for asked in one.requirements)
            suggested = f" {phrases.say(N_('(suggested by the words of the persona)'))}"
            need = one.need
            tests = (
                [f"{case} ✓" if case in one.proved else case for case in need.tests] if need else []
            )
            rows.append(
                [
                    f"{one.persona.name} – {phrases.text(one.profile.name)}"
                    + (suggested if one.suggested else ""),
                    phrases.text(need.text if need and need.text else one.persona.accessibility),
                    found or phrases.say(N_("nothing answers it")),
                    ", ".join(tests) or "–",
                ]
            )
        header = [N_("Persona and profile"), N_("Need"), N_("Requirements"), N_("Tests")]
        yield Table(
            phrases.say(N_("Functional needs of personas")),
            [phrases.say(one) for one in header],
            rows,
        )
    yield Table(
        phrases.say(N_("What usually answers a need")),
        [phrases.say(one) for one in (N_("Profile"), N_("On pages"), N_("On objects"))],
        [
            [
                f"{phrases.text(one.name)} ({one.id})",
                phrases.text(one.pages),
                phrases.text(one.objects),
            ]
            for one in accessibility_duties().profiles
        ],
    )


def _derogations(blueprint: Blueprint, phrases: Phrases) -> Iterator[Block]:
    found = blueprint.accessibility.derogations
    if found:
        header = [N_("What"), N_("Why"), N_("Reason"), N_("Instead")]
        yield Table(
            phrases.say(N_("Derogations")),
            [phrases.say(one) for one in header],
            [
                [
                    phrases.text(one.what),
                    phrases.say(EXEMPTION_WORDS[one.why]),
                    phrases.text(one.reason),
                    phrases.text(one.alternative),
                ]
                for one in found
            ],
        )


def _statement(blueprint: Blueprint, phrases: Phrases) -> Iterator[Block]:
    report = access_report(blueprint)
    said = blueprint.accessibility.statement
    if said is None and report.rate is None:
        return
    rate = phrases.say(N_("to come: no audit yet"))
    if report.rate is not None and report.declarable is not None:
        rate = f"{report.rate:g} % – {phrases.say(CONFORMITY_WORDS[report.declarable])}"
    yield Heading(phrases.say(N_("Declaration of accessibility")), 3)
    lines = [(N_("Rate"), rate)]
    if said is not None:
        lines += [
            (N_("Audited"), f"{phrases.day(said.audited_on)} {said.auditor or ''}".strip()),
            (N_("Published"), said.published or "–"),
            (N_("Three-year plan"), said.plan or "–"),
            (N_("To report an obstacle"), said.contact or "–"),
        ]
    yield Terms([(phrases.say(label), told) for label, told in lines])
