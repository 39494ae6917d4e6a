"""A question with its options, as tables for people."""

from __future__ import annotations

from collections.abc import Iterator

from jalon.design.choices.bricks import Grade, Score
from jalon.design.choices.demands import WORDS, Wanted
from jalon.design.choices.ranking import Ranking
from jalon.design.choices.report import Answer, Judged, ranking
from jalon.design.document import Block, Heading, Note, Paragraph, Speak, Table
from jalon.design.sizing.figures import euros, percent, rounded, told, written
from jalon.design.sizing.titles import head
from jalon.design.spec.choices import Better, Demand
from jalon.vocab.text import N_, Text

GRADES = {
    Grade.GOOD: N_("good"),
    Grade.FAIR: N_("fair"),
    Grade.POOR: N_("poor"),
    Grade.UNKNOWN: N_("unknown"),
}


def answer_blocks(answer: Answer, speak: Speak, level: int) -> Iterator[Block]:
    """Demands, options with what excludes them, ranking and sensitivity."""
    if answer.demands:
        yield Heading(speak.render(Text(N_("Hard demands"))), level)
        rows = [_demand_row(one, speak) for one in answer.demands]
        titles = head(speak, N_("Demand"), N_("Bound"), N_("Requirement"), N_("Origin"))
        caption = Text(N_("What every option has to meet: “{name}”"), _named(answer))
        yield Table(speak.render(caption), titles, rows)
    yield Heading(speak.render(Text(N_("Options weighed"))), level)
    rows = [_option_row(answer, one, speak) for one in answer.options]
    titles = head(speak, N_("Option"), N_("State"), N_("Why"), N_("To be measured"))
    caption = Text(N_("Options of “{name}”"), _named(answer))
    yield Table(speak.render(caption), titles, rows)
    found = ranking(answer)
    if found is not None:
        yield Heading(speak.render(Text(N_("Ranking"))), level)
        yield _criteria(answer, speak)
        yield _ranks(answer, found, speak)
        yield from _sensitivity(answer, found, speak)


def _named(answer: Answer) -> dict[str, object]:
    return {"name": answer.question.name}


def _demand_row(one: Wanted, speak: Speak) -> list[str]:
    origin = N_("derived from the files") if one.derived else N_("written")
    return [
        speak.render(Text(WORDS[one.demand.kind])),
        _bound(one.demand, speak),
        one.demand.requirement or one.demand.system or "–",
        speak.render(Text(origin)),
    ]


def _bound(demand: Demand, speak: Speak) -> str:
    if demand.value is not None:
        return written(demand.value, speak, 6)
    return ", ".join(demand.words) or "–"


def name_of(answer: Answer, option: str, speak: Speak) -> str:
    """An option's name."""
    judged = answer.judged(option)
    return speak.word(judged.candidate.names) if judged else option


def _option_row(answer: Answer, one: Judged, speak: Speak) -> list[str]:
    reasons = []
    for held in one.broken:
        cited = f" ({held.requirement})" if held.requirement else ""
        reasons.append(told(held.reason, speak) + cited)
    if not reasons and one.missing:
        params = {"criteria": ", ".join(one.missing)}
        reasons.append(speak.render(Text(N_("no figure for {criteria}"), params)))
    if not reasons and one.candidate.note:
        reasons.append(speak.word(one.candidate.note))
    state = N_("excluded") if one.out else N_("possible")
    if answer.question.choice == one.id:
        state = N_("chosen, though excluded") if one.out else N_("chosen")
    unknown = "; ".join(told(it.reason, speak).partition(": ")[2] for it in one.unknown)
    name = speak.word(one.candidate.names)
    return [name, speak.render(Text(state)), "; ".join(reasons) or "–", unknown or "–"]


def _criteria(answer: Answer, speak: Speak) -> Table:
    whole = sum(one.weight for one in answer.question.criteria)
    rows = []
    for one in answer.question.criteria:
        better = N_("more is better") if one.better is Better.MORE else N_("less is better")
        scale = f"{written(one.low, speak)} – {written(one.high, speak)} {one.unit}".strip()
        figures = [written(it.candidate.option.figures[one.id], speak) for it in answer.ranked]
        rows.append(
            [
                speak.word(one.name),
                percent(one.weight / whole, speak),
                f"{scale}, {speak.render(Text(better))}",
                *figures,
            ]
        )
    names = [speak.word(it.candidate.names) for it in answer.ranked]
    titles = [*head(speak, N_("Criterion"), N_("Weight"), N_("Scale")), *names]
    caption = Text(N_("Criteria and figures of “{name}”"), _named(answer))
    return Table(speak.render(caption), titles, rows)


def _ranks(answer: Answer, found: Ranking, speak: Speak) -> Table:
    rows = [
        [
            name_of(answer, option, speak),
            str(place),
            written(found.distances[option], speak),
            written(found.closeness[option], speak),
            percent(found.first[option], speak),
        ]
        for place, option in enumerate(found.options, 1)
    ]
    titles = head(
        speak,
        N_("Option"),
        N_("Rank"),
        N_("SPOTIS, distance from the best"),
        N_("TOPSIS, closeness to the best"),
        N_("First when weights vary by half"),
    )
    caption = Text(N_("Ranking of “{name}”"), _named(answer))
    return Table(speak.render(caption), titles, rows)


def _sensitivity(answer: Answer, found: Ranking, speak: Speak) -> Iterator[Block]:
    params: dict[str, object] = {"tau": written(found.correlation, speak, 2)}
    message = N_("Both methods put the same option first (Kendall's tau of the orders: {tau}).")
    if not found.agree:
        message = N_("The methods do not agree on the first (Kendall's tau of the orders: {tau}).")
    yield Paragraph(speak.render(Text(message, params)))
    if found.flip is None:
        text = Text(N_("No change of a single weight puts another option first."))
        yield Paragraph(speak.render(text))
        return
    criterion = next(one for one in answer.question.criteria if one.id == found.flip.criterion)
    text = Text(
        N_("It takes “{criterion}” at {then} instead of {now} to put “{winner}” first."),
        {
            "criterion": criterion.name,
            "then": percent(found.flip.then, speak),
            "now": percent(found.flip.now, speak),
            "winner": name_of(answer, found.flip.winner, speak),
        },
    )
    yield Note(speak.render(Text(N_("Smallest change that turns the order"))), speak.render(text))


def bricks(found: tuple[Score, ...], speak: Speak) -> Iterator[Block]:
    """The scorecard of what is reused."""
    if not found:
        return
    yield Heading(speak.render(Text(N_("What is reused"))), 2)
    rows = [
        [
            one.brick.name,
            speak.word(one.brick.purpose),
            f"{one.brick.licence or '–'}{_family(one, speak)}",
            *(
                speak.render(Text(GRADES[grade]))
                for grade in (one.licence, one.upkeep, one.safety, one.people, one.freedom)
            ),
            _saving(one, speak),
            ", ".join(one.brick.evidence) or "–",
        ]
        for one in found
    ]
    titles = head(
        speak,
        N_("Brick"),
        N_("What it saves to make"),
        N_("Licence"),
        N_("Licence fits"),
        N_("Upkeep"),
        N_("Vulnerabilities"),
        N_("Maintainers"),
        N_("Freedom to leave"),
        N_("Saving"),
        N_("Evidence"),
    )
    yield Table(speak.render(Text(N_("Scorecard of reused bricks"))), titles, rows)


def _family(one: Score, speak: Speak) -> str:
    return f" ({speak.word(one.family.names)})" if one.family else ""


def _saving(one: Score, speak: Speak) -> str:
    if one.saving is None:
        return "–"
    brick = one.brick
    days = f"{rounded(brick.build_days or 0)} → {rounded(brick.adopt_days or 0)}"
    return f"{euros(one.saving, speak)} ({days} {speak.render(Text(N_('days')))})"
