"""What `jalon check` says of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time

from jalon.design.blueprint import Blueprint
from jalon.design.spec.watch import Decided
from jalon.design.watch.register import register, unwatched
from jalon.design.watch.reporting import STEP_WORDS, Progress, deadlines
from jalon.vocab.finding import Mark, Path, Remark, Severity
from jalon.vocab.references import repeated, unknown_each
from jalon.vocab.text import N_, Text

_PART = "watch"
_NO_CHOICE = N_("There is no decision “{id}” in architecture.yaml.")


def check(blueprint: Blueprint, today: date) -> Iterator[Remark]:
    """Remarks about the files; only what leads nowhere is an error."""
    watch = blueprint.watch
    for key, entries in (
        ("sources", [one.id for one in watch.sources]),
        ("decisions", [one.id for one in watch.decisions]),
        ("incidents", [one.id for one in watch.incidents]),
    ):
        yield from repeated("watch.duplicate-id", _PART, (key,), entries)
    choices = [one.id for one in blueprint.architecture.decisions]
    for index, decision in enumerate(watch.decisions):
        path: Path = ("decisions", index, "architecture")
        rule = "watch.unknown-decision"
        yield from unknown_each(rule, _PART, path, _NO_CHOICE, decision.architecture, choices)
    yield from _items(blueprint, today)
    yield from _decisions(blueprint, today)
    yield from _sources(blueprint)
    yield from _incidents(blueprint, today)


def _items(blueprint: Blueprint, today: date) -> Iterator[Remark]:
    """Items nobody has decided for too long: all of them in one remark, the heaviest named."""
    limit = blueprint.watch.undecided_after
    late = [one for one in register(blueprint, today).undecided if one.waits(today) > limit]
    if late:
        text = N_(
            "Items that wait for a decision for more than {days} days: {count}. The heaviest:"
            " {item} “{title}”."
        )
        words = {
            "days": str(limit),
            "count": str(len(late)),
            "item": late[0].item.id,
            "title": late[0].item.title,
        }
        hint = Text(N_("Decide: adopt, assess, hold or reject, with the reason (decisions)."))
        yield Remark("watch.undecided", Severity.WARNING, Mark(_PART), Text(text, words), hint)


def _decisions(blueprint: Blueprint, today: date) -> Iterator[Remark]:
    unknown = {one.id for one in register(blueprint, today).unknown}
    items: set[str] = set()
    for index, one in enumerate(blueprint.watch.decisions):
        at = Mark(_PART, ("decisions", index, "item"))
        if one.item in items:
            text = N_("The item “{item}” is decided twice.")
            yield Remark(
                "watch.decided-twice", Severity.WARNING, at, Text(text, {"item": one.item})
            )
        items.add(one.item)
        if one.id in unknown:
            text = N_("No snapshot of watch/ has an item “{item}”.")
            yield Remark("watch.unknown-item", Severity.WARNING, at, Text(text, {"item": one.item}))
        if one.decision is Decided.ADOPT and not (one.architecture or one.tasks):
            text = N_("{id} adopts something and changes nothing: no decision, no task.")
            at = Mark(_PART, ("decisions", index, "id"))
            yield Remark("watch.idle-decision", Severity.INFO, at, Text(text, {"id": one.id}))


def _sources(blueprint: Blueprint) -> Iterator[Remark]:
    sources = blueprint.watch.sources
    fed = {one.source for one in blueprint.snapshots}
    for index, source in enumerate(sources):
        if source.id not in fed:
            text = N_("Nothing was ever read from the source “{id}”.")
            hint = Text(N_("“jalon design watch fetch” asks it, or put a snapshot into watch/."))
            at = Mark(_PART, ("sources", index, "id"))
            yield Remark(
                "watch.silent-source", Severity.INFO, at, Text(text, {"id": source.id}), hint
            )
    alone = [one.id for one in unwatched(blueprint)] if sources else []
    if alone:
        text = N_("No source speaks of what these decisions have chosen: {ids}.")
        at = Mark(_PART, ("sources",), on_key=True)
        yield Remark("watch.unwatched", Severity.INFO, at, Text(text, {"ids": ", ".join(alone)}))


def _incidents(blueprint: Blueprint, today: date) -> Iterator[Remark]:
    # The day is all that is known here: late is what was due before it began.
    now = datetime.combine(today, time(0), UTC)
    for index, incident in enumerate(blueprint.watch.incidents):
        path: Path = ("incidents", index)
        if incident.aware_at.tzinfo is None:
            text = N_("Times of an incident need their offset, as 2026-11-02T08:30+01:00.")
            yield Remark(
                "watch.no-offset", Severity.WARNING, Mark(_PART, (*path, "aware_at")), Text(text)
            )
        for one in deadlines(incident, now):
            if one.progress is Progress.LATE and not incident.exercise:
                text = N_("{id}: {step} was due on {due} (UTC) and is not on record.")
                words = {
                    "id": incident.id,
                    "step": Text(STEP_WORDS[one.step]),
                    "due": f"{one.due:%Y-%m-%d %H:%M}",
                }
                at = Mark(_PART, (*path, "id"))
                yield Remark("watch.late-report", Severity.WARNING, at, Text(text, words))
