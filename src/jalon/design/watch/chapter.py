"""Its chapter in the documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time

from jalon.catalogues.regulations import LawStatus
from jalon.catalogues.watch_words import AXIS_WORDS, Axis
from jalon.design.blueprint import Blueprint
from jalon.design.document import Block, Bullets, Heading, Note, Paragraph, Speak, Table, Terms
from jalon.design.spec.watch import Incident
from jalon.design.watch.calendar import Milestone, milestones
from jalon.design.watch.matching import SURENESS_WORDS
from jalon.design.watch.register import DECIDED_WORDS, Entry, register
from jalon.design.watch.reporting import KIND_WORDS, PROGRESS_WORDS, STEP_WORDS, deadlines
from jalon.vocab.text import N_, Text

_STATUS = {
    LawStatus.IN_FORCE: N_("certain"),
    LawStatus.PROPOSAL: N_("proposal, not adopted"),
    LawStatus.TO_CHECK: N_("to check"),
}


def chapter(blueprint: Blueprint, speak: Speak, today: date) -> Iterator[Block]:
    """The blocks, in the reader's language."""
    yield from blocks(blueprint, speak, today, datetime.combine(today, time(12), UTC))


def blocks(blueprint: Blueprint, speak: Speak, today: date, now: datetime) -> Iterator[Block]:
    """The same at a moment: deadlines of hours are told exactly."""
    watch = blueprint.watch
    if not watch.sources and not watch.incidents:
        return
    found = register(blueprint, today)
    text = N_(
        "Sources listened to: {sources}. Items that concern the solution: {items}, of which"
        " undecided: {undecided}; items that do not concern it: {others}."
    )
    words = {
        "sources": len(watch.sources),
        "items": len(found.entries),
        "undecided": len(found.undecided),
        "others": found.others,
    }
    yield Paragraph(speak.render(Text(text, words)))
    yield Heading(_say(speak, N_("What was found")), 2)
    if found.entries:
        yield _overview(found.entries, speak)
        for entry in found.entries:
            yield from _entry(entry, speak)
    else:
        yield Paragraph(_say(speak, N_("No item concerns the solution.")))
    yield from _calendar(milestones(blueprint, today), speak)
    yield from _reporting(watch.incidents, speak, now, products=watch.products)
    yield from _sources(blueprint, speak)


def _say(speak: Speak, message: str) -> str:
    return speak.render(Text(message))


def _overview(entries: Sequence[Entry], speak: Speak) -> Table:
    axes = [_say(speak, AXIS_WORDS[axis]) for axis in Axis]
    columns = ", ".join(axes)
    head = [
        _say(speak, N_("Item")),
        speak.render(Text(N_("Opportunity ({axes})"), {"axes": columns})),
        speak.render(Text(N_("Risk ({axes})"), {"axes": columns})),
        _say(speak, N_("Concerns")),
        _say(speak, N_("Decision")),
    ]
    rows = [
        [
            one.item.title,
            " · ".join(str(one.score.opportunity[axis]) for axis in Axis),
            " · ".join(str(one.score.risk[axis]) for axis in Axis),
            ", ".join(dict.fromkeys(match.name for match in one.matches)) or "–",
            _decision_word(one, speak),
        ]
        for one in entries
    ]
    caption = _say(speak, N_("Items, weighed from 0 to 3: what waits first, the heaviest first"))
    return Table(caption, head, rows)


def _decision_word(entry: Entry, speak: Speak) -> str:
    if entry.decision is None:
        return _say(speak, N_("to be decided"))
    return _say(speak, DECIDED_WORDS[entry.decision.decision])


def _entry(entry: Entry, speak: Speak) -> Iterator[Block]:
    item = entry.item
    yield Heading(item.title, 3, f"item-{item.id.replace(':', '-')}")
    terms = [(N_("Name for decisions"), item.id), (N_("Source"), item.source)]
    if item.published:
        terms.append((N_("Published"), item.published.isoformat()))
    if item.link:
        terms.append((N_("Address"), item.link))
    if entry.score.reasons:
        reasons = [
            speak.render(one) if isinstance(one, Text) else speak.word(one)
            for one in entry.score.reasons
        ]
        terms.append((N_("Weighed by"), ", ".join(reasons)))
    if entry.score.by_hand:
        terms.append((N_("Weight"), _say(speak, N_("changed by hand"))))
    if entry.decision is not None:
        terms += _decision(entry, speak)
    yield Terms([(_say(speak, name), value) for name, value in terms])
    yield Bullets(
        [
            f"{_say(speak, one.kind)} {one.name} – {_say(speak, SURENESS_WORDS[one.sureness])}"
            f" ({one.why})"
            for one in entry.matches
        ]
        or [_say(speak, N_("It touches nothing by itself; somebody decided on it all the same."))]
    )


def _decision(entry: Entry, speak: Speak) -> list[tuple[str, str]]:
    decision = entry.decision
    assert decision is not None
    told = f"{_decision_word(entry, speak)}, {decision.on}, {decision.by}"
    found = [(N_("Decision"), told), (N_("Reason"), speak.word(decision.reason))]
    if follows := [*decision.architecture, *decision.tasks]:
        found.append((N_("What follows"), ", ".join(follows)))
    return found


def _calendar(days: Sequence[Milestone], speak: Speak) -> Iterator[Block]:
    if not days:
        return
    yield Heading(_say(speak, N_("Calendar of law and technology")), 2)
    head = [N_("Day"), N_("In"), N_("What"), N_("Reference"), N_("State")]
    rows = [
        [
            one.on.isoformat() if one.on else _say(speak, N_("open")),
            _days(one, speak),
            speak.word(one.name),
            one.reference if isinstance(one.reference, str) else speak.word(one.reference),
            _state(one, speak),
        ]
        for one in days
    ]
    caption = _say(speak, N_("Days of the last year and to come that concern the solution"))
    yield Table(caption, [_say(speak, one) for one in head], rows)


def _days(one: Milestone, speak: Speak) -> str:
    if one.days is None:
        return "–"
    if one.days <= 0:
        return _say(speak, N_("since then"))
    return speak.render(Text(N_("{days} days"), {"days": one.days}))


def _state(one: Milestone, speak: Speak) -> str:
    parts = [_say(speak, _STATUS[one.status])]
    if not one.sure:
        parts.append(_say(speak, N_("cannot be excluded")))
    if one.to_check:
        parts.append(speak.word(one.to_check))
    return "; ".join(parts)


def _reporting(
    incidents: Sequence[Incident], speak: Speak, now: datetime, *, products: bool
) -> Iterator[Block]:
    if not incidents:
        return
    yield Heading(_say(speak, N_("Notifications under the Cyber Resilience Act, article 14")), 2)
    if not products:
        text = N_(
            "The organisation places no product on the market as far as watch.yaml says: the"
            " deadlines bind the manufacturers of its devices, not itself. They are kept for"
            " exercises, and for incidents that a manufacturer has to be told of."
        )
        yield Note(_say(speak, N_("To note")), _say(speak, text))
    for one in incidents:
        yield _countdown(one, speak, now)


def _countdown(incident: Incident, speak: Speak, now: datetime) -> Table:
    rows = []
    for one in deadlines(incident, now):
        left = one.hours_left(now)
        state = _say(speak, PROGRESS_WORDS[one.progress])
        if one.done is None and left is not None and left > 0:
            state += speak.render(Text(N_(" ({hours} h left)"), {"hours": f"{left:.0f}"}))
        due, done = (f"{at:%Y-%m-%d %H:%M}" if at else "–" for at in (one.due, one.done))
        rows.append([_say(speak, STEP_WORDS[one.step]), due, done, state])
    kind = _say(speak, KIND_WORDS[incident.kind])
    exercise = _say(speak, N_(" – exercise")) if incident.exercise else ""
    caption = f"{incident.id} {speak.word(incident.title)} ({kind}{exercise})"
    head = [N_("Step"), N_("Due (UTC)"), N_("Sent (UTC)"), N_("State")]
    return Table(caption, [_say(speak, name) for name in head], rows)


def _sources(blueprint: Blueprint, speak: Speak) -> Iterator[Block]:
    if not blueprint.watch.sources:
        return
    yield Heading(_say(speak, N_("Sources")), 2)
    last = {one.source: one for one in sorted(blueprint.snapshots, key=lambda one: one.on)}
    rows = []
    for source in blueprint.watch.sources:
        snapshot = last.get(source.id)
        on = snapshot.on.isoformat() if snapshot else _say(speak, N_("never"))
        digest = snapshot.sha256[:16] if snapshot else "–"
        rows.append([speak.word(source.name), ", ".join(source.about) or "–", on, digest])
    head = [N_("Source"), N_("Speaks of"), N_("Last snapshot"), N_("SHA-256 (beginning)")]
    caption = _say(speak, N_("Who is listened to"))
    yield Table(caption, [_say(speak, name) for name in head], rows)
