"""Its chapter in the documents."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from jalon.design.blueprint import Blueprint
from jalon.design.document import Block, Bullets, Heading, Paragraph, Speak, Terms
from jalon.design.sizing import device_tables, tables
from jalon.design.sizing.assumptions import DOUBTS, assumptions, sources
from jalon.design.sizing.report import sizing_report
from jalon.vocab.text import N_, Text


def chapter(blueprint: Blueprint, speak: Speak, today: date) -> Iterator[Block]:
    """The blocks, in the reader's language."""
    report = sizing_report(blueprint)
    yield Heading(speak.render(Text(N_("Sizing"))))
    if report.empty:
        yield Paragraph(speak.render(Text(N_("Nothing can be computed yet."))))
        return
    yield Paragraph(
        speak.render(
            Text(
                N_(
                    "Estimates made before anything runs, from the files of the solution. A figure"
                    " with a range says what is not known; the prototype replaces it by a"
                    " measurement."
                )
            )
        )
    )
    yield from tables.measures(blueprint, speak)
    yield from device_tables.radio(report, speak)
    yield from device_tables.batteries(blueprint, report, speak)
    yield from tables.volumes(report, speak)
    yield from tables.paths(report, speak)
    yield from tables.load(report, speak)
    yield from tables.storage(report, speak)
    yield from tables.costs(report, speak)
    yield Heading(speak.render(Text(N_("Assumptions and sources"))), 2)
    taken = [speak.render(one) for one in assumptions(blueprint, report)]
    if taken:
        yield Bullets(taken)
    yield Terms([(speak.render(what), source) for what, source in sources()])
    yield Paragraph(speak.render(Text(N_("To check before these figures are relied on:"))))
    yield Bullets([speak.render(one) for one in DOUBTS])
