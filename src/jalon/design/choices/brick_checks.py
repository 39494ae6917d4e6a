"""What is said of reused bricks: dead, unsafe, not free enough, or not worth it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from jalon.design.blueprint import Blueprint
from jalon.design.choices.bricks import Grade, Score, asks, clashes, scores
from jalon.design.choices.references import PART
from jalon.vocab.finding import Mark, Path, Remark, Severity
from jalon.vocab.text import N_, Text


def check_bricks(blueprint: Blueprint, today: date) -> Iterator[Remark]:
    """Weaknesses of each, and licences that cannot be joined."""
    file = blueprint.choices
    for score in scores(file, today):
        yield from _gain(score)
        yield from _life(score)
        yield from _licence(blueprint, score)
    for one, other in clashes(file):
        text = Text(
            N_("{one} and {other} cannot be joined in one program: “{brick}”, “{with}”."),
            {
                "one": file.bricks[one].licence,
                "other": file.bricks[other].licence,
                "brick": file.bricks[one].id,
                "with": file.bricks[other].id,
            },
        )
        at = Mark(PART, ("bricks", other, "licence"))
        yield Remark("choices.licence-clash", Severity.WARNING, at, text)


def _gain(score: Score) -> Iterator[Remark]:
    brick = score.brick
    path: Path = ("bricks", score.index)
    if score.saving is None:
        text = Text(N_("Nothing shows that reusing “{brick}” is worth it."), {"brick": brick.id})
        hint = Text(N_("Write build_days and adopt_days, and where the gain is shown."))
        yield Remark("choices.no-gain", Severity.INFO, Mark(PART, path), text, hint)
    elif score.saving <= 0:
        text = Text(N_("Reusing “{brick}” costs more than making it."), {"brick": brick.id})
        at = Mark(PART, (*path, "adopt_days"))
        yield Remark("choices.no-gain", Severity.WARNING, at, text)
    elif not brick.evidence:
        text = Text(N_("The gain of “{brick}” is claimed and not shown."), {"brick": brick.id})
        hint = Text(N_("Name under “evidence” where it is shown."))
        yield Remark("choices.no-evidence", Severity.INFO, Mark(PART, path), text, hint)


def _life(score: Score) -> Iterator[Remark]:
    brick = score.brick
    path: Path = ("bricks", score.index)
    if score.upkeep is Grade.POOR:
        text = Text(
            N_("“{brick}” had no release since {day}."),
            {"brick": brick.id, "day": brick.last_release},
        )
        at = Mark(PART, (*path, "last_release"))
        yield Remark("choices.stale-brick", Severity.WARNING, at, text)
    if brick.open_vulnerabilities:
        text = Text(
            N_("“{brick}” has known vulnerabilities without a fix: {count}."),
            {"brick": brick.id, "count": brick.open_vulnerabilities},
        )
        at = Mark(PART, (*path, "open_vulnerabilities"))
        yield Remark("choices.vulnerable-brick", Severity.WARNING, at, text)
    if brick.maintainers == 1:
        text = Text(N_("“{brick}” depends on one person."), {"brick": brick.id})
        at = Mark(PART, (*path, "maintainers"))
        yield Remark("choices.one-maintainer", Severity.INFO, at, text)


def _licence(blueprint: Blueprint, score: Score) -> Iterator[Remark]:
    brick = score.brick
    path: Path = ("bricks", score.index)
    if score.family is not None and asks(blueprint.choices, score.family):
        text = Text(
            N_("{licence} asks for something when software is handed out as this solution is."),
            {"licence": brick.licence},
        )
        hint = Text(N_("Read the licence: sources to be given, or no use as a service."))
        at = Mark(PART, (*path, "licence"))
        yield Remark("choices.licence", Severity.WARNING, at, text, hint)
    if brick.licence is not None and score.family is None:
        text = Text(
            N_("The licence {licence} is in no family we know."), {"licence": brick.licence}
        )
        at = Mark(PART, (*path, "licence"))
        yield Remark("choices.unknown-licence", Severity.INFO, at, text)
