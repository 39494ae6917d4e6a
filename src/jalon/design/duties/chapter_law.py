"""Obligations, facts and the product, as blocks of a document."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from jalon.catalogues.regulations import CraClass, LawStatus, regulations
from jalon.design.blueprint import Blueprint
from jalon.design.document import Block, Bullets, Heading, Note, Paragraph, Speak, Table
from jalon.design.duties.facts import facts
from jalon.design.duties.obligations import (
    STANDING_WORDS,
    Applies,
    ObligationReport,
    obligations,
    unanswered,
)
from jalon.design.duties.phrases import Phrases
from jalon.design.duties.product import CLASS_WORDS, CRA_DEADLINES, cra_class, data_sheet
from jalon.vocab.text import N_


def duties_blocks(blueprint: Blueprint, speak: Speak, today: date) -> Iterator[Block]:
    """What applies, why and how far it is; then what does not, or cannot be decided."""
    phrases = Phrases(speak)
    found = obligations(blueprint, today)
    yield Heading(phrases.say(N_("Obligations")), 2, "duties-obligations")
    applying = [one for one in found if one.applies is Applies.YES]
    other = [one for one in found if one.applies is Applies.NO]
    open_ = [one for one in found if one.applies is Applies.UNKNOWN]
    yield Paragraph(
        phrases.say(
            N_("{yes} obligations apply, {no} do not, {unknown} cannot be decided yet."),
            yes=len(applying),
            no=len(other),
            unknown=len(open_),
        )
    )
    yield Paragraph(
        phrases.say(
            N_("The state of the law is that of {date}; this is an orientation, no legal advice."),
            date=regulations().as_of,
        )
    )
    if applying:
        yield _table(phrases, N_("Obligations that apply"), applying)
        yield Heading(phrases.say(N_("Why they apply, and what shows them")), 3)
        yield _reasons(phrases, applying)
    if missing := unanswered(blueprint, today):
        yield Heading(phrases.say(N_("What has to be answered")), 3)
        yield Bullets(
            [
                f"{one.id} – {speak.word(one.question)}"
                + (f" {speak.render(one.hint)}" if one.hint else "")
                for one in missing
            ]
        )
    if open_:
        yield _short(phrases, N_("Obligations that cannot be decided"), open_)
    if other:
        yield _short(phrases, N_("Obligations that do not apply"), other)


def _table(phrases: Phrases, caption: str, found: list[ObligationReport]) -> Table:
    header = [N_("Obligation"), N_("Text"), N_("Applies"), N_("Borne by"), N_("State"), N_("Due")]
    return Table(
        phrases.say(caption),
        [phrases.say(one) for one in header],
        [
            [
                phrases.text(one.name),
                _cited(phrases, one),
                phrases.when(one),
                _bearer(phrases, one),
                _state(phrases, one),
                phrases.day(one.duty.due) if one.duty else "–",
            ]
            for one in found
        ],
    )


def _cited(phrases: Phrases, one: ObligationReport) -> str:
    article = phrases.text(one.article) if one.article else ""
    return " ".join(part for part in (phrases.text(one.regulation), article, f"[{one.id}]") if part)


def _bearer(phrases: Phrases, one: ObligationReport) -> str:
    if isinstance(one.bearer, str):
        return phrases.say(one.bearer)
    return phrases.text(one.bearer)


def _state(phrases: Phrases, one: ObligationReport) -> str:
    if one.law is LawStatus.PROPOSAL:
        return phrases.say(N_("proposal: nothing to do yet"))
    said = phrases.say(STANDING_WORDS[one.standing])
    if one.failed:
        return phrases.say(N_("{state}, but tests failed"), state=said)
    return f"{said} ({one.duty.owner})" if one.duty and one.duty.owner else said


def _reasons(phrases: Phrases, found: list[ObligationReport]) -> Table:
    rows = []
    for one in found:
        more = [part for part in (one.check, one.to_check) if part]
        checked = phrases.joined(more)
        if one.to_check:
            checked = phrases.say(N_("To check: {what}"), what=checked)
        reason = phrases.text(one.duty.reason) if one.duty and one.duty.reason else "–"
        rows.append([one.id, phrases.why(one), reason, _proof(one), checked])
    header = [N_("Obligation"), N_("Deciding facts"), N_("What is done"), N_("Proof"), N_("Notes")]
    return Table(phrases.say(N_("Reasons and proofs")), [phrases.say(one) for one in header], rows)


def _proof(one: ObligationReport) -> str:
    if one.duty is None:
        return one.source or "–"
    named = [
        *one.duty.requirements,
        *one.duty.controls,
        *one.duty.tests,
        *one.duty.components,
        *one.duty.documents,
    ]
    return ", ".join(named) or one.source or "–"


def _short(phrases: Phrases, caption: str, found: list[ObligationReport]) -> Table:
    header = [N_("Obligation"), N_("Text"), N_("Why")]
    return Table(
        phrases.say(caption),
        [phrases.say(one) for one in header],
        [[phrases.text(one.name), _cited(phrases, one), phrases.why(one)] for one in found],
    )


def facts_blocks(blueprint: Blueprint, speak: Speak) -> Iterator[Block]:
    """Every fact with its value and where it comes from."""
    phrases = Phrases(speak)
    yield Heading(phrases.say(N_("Facts that decide")), 2, "duties-facts")
    rows = []
    for one in facts(blueprint).values():
        answer = {True: N_("yes"), False: N_("no"), None: N_("not known")}[one.value]
        reason = speak.word(one.said.reason) if one.said and one.said.reason else ""
        told = " ".join(part for part in (speak.render(one.because), reason) if part)
        if one.hint and one.value is None:
            told = f"{told}. {speak.render(one.hint)}"
        rows.append([one.id, speak.word(one.question), phrases.say(answer), told])
    header = [N_("Fact"), N_("Question"), N_("Answer"), N_("From")]
    yield Table(
        phrases.say(N_("Facts computed from the files, or answered by people")),
        [phrases.say(one) for one in header],
        rows,
    )


def product_blocks(blueprint: Blueprint, speak: Speak) -> Iterator[Block]:
    """CRA class with its reasons, its deadlines, and the data sheet of the Data Act."""
    phrases = Phrases(speak)
    yield Heading(phrases.say(N_("The product and its data")), 2, "duties-product")
    market = facts(blueprint)["placed-on-market"]
    if market.value is not True:
        answer = phrases.fact(market)
        yield Paragraph(
            phrases.say(N_("No product is placed on the market. {fact}"), fact=answer)
            if market.value is False
            else answer
        )
    else:
        yield from _cra(blueprint, phrases)
    yield from _sheet(blueprint, phrases)


def _cra(blueprint: Blueprint, phrases: Phrases) -> Iterator[Block]:
    proposal = cra_class(blueprint)
    yield Paragraph(
        phrases.say(
            N_("Proposed class under the Cyber Resilience Act: {name}. {procedure}"),
            name=phrases.say(CLASS_WORDS[proposal.class_]),
            procedure=phrases.text(proposal.procedure),
        )
    )
    for one in proposal.grounds:
        label = phrases.say(CLASS_WORDS[one.class_])
        message = N_("main function: it decides") if one.counts else N_("not the main function")
        if one.suggested_by:
            message = N_("suggested by a component: say whether it is the main function")
        yield Note(label, f"{phrases.text(one.name)} – {phrases.say(message)}")
    if proposal.class_ is CraClass.DEFAULT and not proposal.grounds:
        yield Paragraph(phrases.say(N_("No function of annexes III and IV is written or seen.")))
    yield Table(
        phrases.say(N_("Functions that weigh, for `product.functions`")),
        [phrases.say(one) for one in (N_("Function"), N_("Meaning"), N_("Class"))],
        [
            [one.id, phrases.text(one.name), phrases.say(CLASS_WORDS[one.class_])]
            for one in regulations().cra_functions
        ],
    )
    yield Heading(phrases.say(N_("Reporting under article 14")), 3)
    yield Bullets([phrases.say(one) for one in CRA_DEADLINES])
    product = blueprint.regulation.product
    if product and product.support_until:
        yield Paragraph(
            phrases.say(N_("Security updates until {date}."), date=product.support_until)
        )


def _sheet(blueprint: Blueprint, phrases: Phrases) -> Iterator[Block]:
    sheet = data_sheet(blueprint)
    if not sheet.rows:
        return
    yield Heading(phrases.say(N_("Data sheet before the contract (Data Act, article 3)")), 3)
    rows = [
        [
            f"{phrases.text(one.thing_names)}: {phrases.text(one.names)}",
            f"{one.kind.value}{f' ({one.unit})' if one.unit else ''}",
            one.format or "–",
            f"{one.per_day:g}" if one.per_day else "–",
            phrases.number_of_days(one.days),
        ]
        for one in sheet.rows
    ]
    header = [N_("Data"), N_("Type"), N_("Format"), N_("Values a day"), N_("Kept")]
    yield Table(
        phrases.say(N_("Data each device produces")), [phrases.say(one) for one in header], rows
    )
    volumes = [f"{thing}: {volume / 1024:.1f} KiB" for thing, volume in sheet.bytes_per_day]
    if volumes:
        yield Paragraph(
            phrases.say(
                N_("Volume a device and day, headers excluded: {volumes}."),
                volumes=", ".join(volumes),
            )
        )
    yield _access(blueprint, phrases)


def _access(blueprint: Blueprint, phrases: Phrases) -> Table:
    product = blueprint.regulation.product
    rows = [
        [phrases.say(N_("Continuous, in real time")), phrases.say(N_("yes, as it is reported"))],
        [
            phrases.say(N_("Holder of the data")),
            (product.data_holder if product else None)
            or (blueprint.privacy.controller.name if blueprint.privacy.controller else "–"),
        ],
        [
            phrases.say(N_("How users get at it")),
            phrases.text(product.data_access if product else None),
        ],
        [
            phrases.say(N_("Third parties")),
            phrases.text(product.third_parties if product else None),
        ],
    ]
    return Table(
        phrases.say(N_("Access and sharing")),
        [phrases.say(N_("Question")), phrases.say(N_("Answer"))],
        rows,
    )
