"""Its chapter in the documents."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from jalon.catalogues.measure_subjects import measure_subject
from jalon.design.blueprint import Blueprint
from jalon.design.document import Block, Heading, Note, Paragraph, Speak, Table, Terms
from jalon.design.prototype.intervals import unseen
from jalon.design.prototype.report import (
    METHOD_WORDS,
    REGISTRATION_WORDS,
    VERDICT_WORDS,
    Held,
    interval_words,
    report,
)
from jalon.design.spec.prototype import Direction
from jalon.design.spec.solution import DigitalEase, Persona
from jalon.design.spec.trials import Judged, TrialFile
from jalon.vocab.measure import Statistic
from jalon.vocab.text import N_, Names, Text

_DIRECTIONS = {
    Direction.GO: N_("go on as planned"),
    Direction.ADJUST: N_("adjust"),
    Direction.STOP: N_("stop"),
}
_EASE = {
    DigitalEase.LOW: N_("little at ease with screens"),
    DigitalEase.MEDIUM: N_("fairly at ease with screens"),
    DigitalEase.HIGH: N_("at ease with screens"),
}


def chapter(blueprint: Blueprint, speak: Speak, today: date) -> Iterator[Block]:
    """The blocks, in the reader's language."""
    standing = report(blueprint)
    if not standing:
        return
    yield Paragraph(
        speak.render(
            Text(
                N_(
                    "Each hypothesis was written down with the bound that judges it before anything"
                    " was measured. A run starts the real programs (broker, intake, store, rules,"
                    " commands) and gives a verdict with a confidence interval: validated or"
                    " invalidated when the whole interval lies on one side of the bound, undecided"
                    " otherwise."
                )
            )
        )
    )
    yield _overview(standing, speak)
    for held in standing:
        yield from _one(held, blueprint, speak)
    yield from _runs(standing, speak)


def verdict_word(held: Held, speak: Speak) -> str:
    """The verdict, never by colour alone."""
    if held.result is None:
        return speak.render(Text(N_("not run yet")))
    if held.stale:
        return speak.render(Text(N_("changed since its run")))
    return speak.render(Text(VERDICT_WORDS[held.result.verdict]))


def _overview(standing: tuple[Held, ...], speak: Speak) -> Table:
    head = [N_("Hypothesis"), N_("Persona"), N_("Bound"), N_("Measured"), N_("Verdict")]
    rows = []
    for held in standing:
        amount = interval_words(held.result)[0] if held.result else "–"
        rows.append(
            [
                f"{held.hypothesis.id} {speak.word(held.hypothesis.statement)}",
                held.persona.name if held.persona else "–",
                str(held.measure or "–"),
                amount,
                verdict_word(held, speak),
            ]
        )
    caption = speak.render(Text(N_("Hypotheses and their verdicts")))
    return Table(caption, [speak.render(Text(one)) for one in head], rows)


def _one(held: Held, blueprint: Blueprint, speak: Speak) -> Iterator[Block]:
    one = held.hypothesis
    yield Heading(f"{one.id} {speak.word(one.statement)}", 2, f"hypothesis-{one.id}")
    terms = [
        (N_("Verdict"), verdict_word(held, speak)),
        (N_("Bound"), str(held.measure or "–")),
        (N_("Stands for"), _subject(held, speak)),
        (N_("Persona"), _persona(held.persona, speak) if held.persona else "–"),
        (N_("Requirements"), ", ".join(one.requirements) or "–"),
    ]
    if story := _story(held, blueprint, speak):
        terms.insert(4, (N_("Use case"), story))
    if held.result is not None:
        terms += _measured(held.result, speak)
    if one.if_wrong:
        terms.append((N_("Decided beforehand, were it false"), speak.word(one.if_wrong)))
    if one.follow_up:
        direction = speak.render(Text(_DIRECTIONS[one.follow_up.decision]))
        reason = f"{direction} ({one.follow_up.on}): {speak.word(one.follow_up.reason)}"
        terms.append((N_("Decided afterwards"), reason))
    yield Terms([(speak.render(Text(name)), value) for name, value in terms])
    extreme = held.measure and held.measure.statistic in (Statistic.MAX, Statistic.MIN)
    if extreme and held.result is not None and held.result.samples:
        yield _about_extremes(held.result, speak)


def _about_extremes(result: Judged, speak: Speak) -> Note:
    share = 100 * unseen(result.samples, result.confidence)
    text = N_(
        "An extreme is what {samples} samples have shown. With a confidence of {confidence} %, at"
        " most {share} % of all cases lie beyond it."
    )
    words = {
        "samples": result.samples,
        "confidence": f"{result.confidence:g}",
        "share": f"{share:.2g}",
    }
    return Note(speak.render(Text(N_("How to read it"))), speak.render(Text(text, words)))


def _subject(held: Held, speak: Speak) -> str:
    found = measure_subject(held.measure.subject) if held.measure else None
    return speak.word(found.names) if found else "–"


def _persona(persona: Persona, speak: Speak) -> str:
    parts = [f"{persona.name}, {speak.word(persona.role)}"]
    parts += [speak.word(goal) for goal in persona.goals]
    if persona.digital_ease:
        parts.append(speak.render(Text(_EASE[persona.digital_ease])))
    parts += [speak.word(one) for one in (persona.accessibility, persona.setting) if one]
    return " · ".join(parts)


def _story(held: Held, blueprint: Blueprint, speak: Speak) -> str:
    stories: dict[str, Names] = {one.id: one.title.names for one in blueprint.about.use_cases}
    name = held.hypothesis.use_case
    return speak.word(stories[name]) if name in stories else ""


def _measured(result: Judged, speak: Speak) -> list[tuple[str, str]]:
    amount, low, high = interval_words(result)
    method = speak.render(Text(METHOD_WORDS.get(result.method, N_("too few samples"))))
    interval = f"{low} … {high} ({result.confidence:g} %, {method})"
    return [
        (N_("Measured"), amount),
        (N_("Interval"), interval),
        (N_("Samples"), f"{result.samples} / {result.wanted}"),
    ]


def _runs(standing: tuple[Held, ...], speak: Speak) -> Iterator[Block]:
    trials = {held.trial.run: held.trial for held in standing if held.trial}
    if not trials:
        return
    yield Heading(speak.render(Text(N_("How it was measured"))), 2)
    for trial in trials.values():
        yield Heading(speak.render(Text(N_("Run {run}"), {"run": trial.run})), 3)
        yield Terms([(speak.render(Text(name)), value) for name, value in _run(trial, speak)])


def _run(trial: TrialFile, speak: Speak) -> Iterator[tuple[str, str]]:
    registered = trial.registered
    said = speak.render(Text(REGISTRATION_WORDS[registered.state]))
    if registered.committed_at:
        said += f" {registered.commit[:12]}, {registered.committed_at:%Y-%m-%d %H:%M %Z}"
    yield N_("Written before"), said
    devices = N_("virtual devices, everything else real")
    if trial.real:
        devices = N_("the records of the solution that runs")
    yield N_("Measured on"), speak.render(Text(devices))
    yield N_("When"), f"{trial.started:%Y-%m-%d %H:%M} – {trial.ended:%H:%M} UTC"
    yield N_("Made with"), f"Jalon {trial.jalon}, seed {trial.settings.seed}"
    if trial.conditions:
        yield N_("Conditions"), " ".join(speak.render(Text(one)) for one in trial.conditions)
    yield N_("Raw data"), f"prototype/results/{trial.run}/raw.csv, SHA-256 {trial.raw_sha256}"
