"""Its chapter in the documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from jalon.catalogues.risk_sources import risk_sources_catalogue
from jalon.design.blueprint import Blueprint
from jalon.design.document import Block, Bullets, Figure, Heading, Note, Paragraph, Speak, Table
from jalon.design.ebios.attack_map import attack_svg, attack_words
from jalon.design.ebios.checks import check
from jalon.design.ebios.ecosystem_map import ecosystem_svg, legend
from jalon.design.ebios.risks import total_cost
from jalon.design.ebios.sheet import Sheet
from jalon.design.ebios.sheets import sheets
from jalon.design.ebios.sheets_of_attacks import action_sheet
from jalon.design.ebios.sheets_of_treatment import RiskMap, risk_maps
from jalon.design.ebios.study import Study, is_begun, study
from jalon.design.ebios.summary import summary
from jalon.design.ebios.words import WORKSHOPS
from jalon.design.scales import GRAVITY_WORDS, LIKELIHOOD_WORDS, RISK_WORDS, Gravity
from jalon.vocab.finding import Severity
from jalon.vocab.text import N_, Text

_ABOUT = {
    1: N_(
        "What is to be protected for its own sake (business values), what carries it (supporting"
        " assets), and what must not happen to it (feared events)."
    ),
    2: N_("Who could want to harm the solution, what they are after, and which pairs are studied."),
    3: N_(
        "The stakeholders through whom one could attack, and the attacks seen from afar. Threat"
        " level is dependence × penetration / (maturity × trust)."
    ),
    4: N_(
        "The same attacks step by step: know, enter, find, exploit. No step is likelier than those"
        " it needs; the attack is as likely as its likeliest way."
    ),
    5: N_(
        "What is done about each risk, when and by whom, what then remains, and who signs for it."
    ),
}
_UNWRITTEN = frozenset(("proposed-pairs", "actions"))
_SPARED = {
    "supporting-assets": ("owner", "zone", "source"),
    "business-values": ("kind", "source"),
    "feared-events": ("confirmed", "proposed", "source"),
    "pairs": ("origin", "objective", "activity"),
    "stakeholders": ("kind", "assets", "source"),
    "strategic-scenarios": ("gravity",),
    "plan": ("tests",),
    "actions": ("after", "initial", "threats"),
}
"""Columns that a page of paper has no room for; the pages and the exports have them."""


def chapter(blueprint: Blueprint, speak: Speak, today: date) -> Iterator[Block]:
    """The five workshops, down to the plan and the signatures."""
    if not is_begun(blueprint):
        return
    found, tables = study(blueprint), sheets(blueprint, today)
    yield Heading(speak.render(Text(N_("Risk study (EBIOS Risk Manager)"))), 1, "ebios")
    if blueprint.ebios.study.scope:
        yield Paragraph(speak.word(blueprint.ebios.study.scope))
    yield Bullets([speak.render(sentence) for _number, sentence in summary(found)])
    open_ends = [one for one in check(blueprint, today) if one.severity is not Severity.INFO]
    if open_ends:
        label = speak.render(Text(N_("The study does not hold together yet")))
        yield Note(label, " ".join(speak.render(one.text) for one in open_ends))
    for number, title in WORKSHOPS.items():
        said = {"number": number, "title": Text(title)}
        heading = speak.render(Text(N_("Workshop {number}: {title}"), said))
        yield Heading(heading, 2, f"ebios-{number}")
        yield Paragraph(speak.render(Text(_ABOUT[number])))
        if number == 2:
            yield from _sources(speak)
        if number == 3:
            yield from _map(found, speak)
        if number == 5:
            for one in risk_maps(blueprint, found):
                yield map_table(one, speak)
        yield from _tables([one for one in tables if one.workshop == number], speak)
        if number == 4:
            yield from _attacks(found, speak)
    yield from _ending(found, speak)


def map_table(one: RiskMap, speak: Speak) -> Table:
    """The risk map with words in every square."""
    header = [speak.render(Text(N_("Likelihood")))]
    header += [speak.render(Text(GRAVITY_WORDS[column])) for column in Gravity]
    rows = []
    for likelihood, squares in one.rows:
        cells = [speak.render(Text(LIKELIHOOD_WORDS[likelihood]))]
        for square in squares:
            word = speak.render(Text(RISK_WORDS[square.level]))
            cells.append(f"{word}: {', '.join(square.scenarios)}" if square.scenarios else word)
        rows.append(cells)
    return Table(speak.render(Text(one.title)), header, rows)


def _tables(some: Sequence[Sheet], speak: Speak) -> Iterator[Block]:
    for sheet in some:
        if sheet.lines and sheet.id not in _UNWRITTEN:
            yield sheet.table(speak, _SPARED.get(sheet.id, ()))


def _sources(speak: Speak) -> Iterator[Block]:
    catalogue = risk_sources_catalogue()
    yield Paragraph(f"{catalogue.source}, {catalogue.edition}.")
    yield Note(speak.render(Text(N_("To check"))), " ".join(catalogue.to_check))


def _map(found: Study, speak: Speak) -> Iterator[Block]:
    lines = legend(found.stakeholders, speak)
    if lines:
        caption = speak.render(Text(N_("Map of the ecosystem")))
        yield Figure(ecosystem_svg(found.stakeholders, speak), caption, " ".join(lines))
        yield Bullets(lines)


def _attacks(found: Study, speak: Speak) -> Iterator[Block]:
    for operation in found.operations:
        name = f"{operation.scenario.id} – {speak.word(operation.scenario.name)}"
        yield Heading(name, 3)
        if operation.steps:
            name = speak.word(operation.scenario.name)
            yield Figure(attack_svg(operation, speak), name, attack_words(operation, speak))
            yield action_sheet(operation).table(speak, _SPARED["actions"])


def _ending(found: Study, speak: Speak) -> Iterator[Block]:
    """The cost of the plan, and who signs what is left."""
    said = {"cost": total_cost(found.plan)}
    yield Paragraph(speak.render(Text(N_("The plan costs {cost} EUR in all."), said)))
    words = (N_("Residual risk"), N_("Name and role"), N_("Date"), N_("Signature"))
    rows = []
    for one in found.risks:
        level = speak.render(Text(RISK_WORDS[one.planned.level])) if one.planned else "–"
        treatment = one.treatment
        who = (treatment and treatment.accepted_by) or ""
        day = str((treatment and treatment.accepted_on) or "")
        rows.append([f"{one.scenario.id} ({level})", who, day, ""])
    if rows:
        caption = speak.render(Text(N_("Signature of the residual risks")))
        yield Table(caption, [speak.render(Text(one)) for one in words], rows)
