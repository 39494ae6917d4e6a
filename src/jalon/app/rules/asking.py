"""Questions to rules by commands: to the running solution, which has the store, or else to the
store itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from jalon.adapters.stores.registry import open_sqlite
from jalon.app import routing
from jalon.app.accounts import REGISTRY_FILE
from jalon.app.clock import now_ms
from jalon.app.formats import Formats
from jalon.app.ground import Ground
from jalon.app.journal import RegistryJournal
from jalon.app.language import Language
from jalon.app.local import read_run
from jalon.app.local_api import LocalApi
from jalon.app.readings import open_store
from jalon.app.rules.looking import WhyShape, shape_of
from jalon.app.rules.places import zone_of
from jalon.app.rules.replay import API_PATH, BackTestRequest, BackTestShape, Reader, Say
from jalon.app.rules.service import Rules, Surroundings
from jalon.app.solution import Solution
from jalon.run.control import Subject, SubjectKind
from jalon.run.suspicion import Moment
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text
from jalon.vocab.times import DAY_MS, from_ms, parse_time

WHY_PATH = "/api/v1/rules/{rule_id}/why"


def backtest_of(
    solution: Solution,
    rule_id: str,
    span: tuple[int, int],
    edited: Path | None,
    spoken: Language,
) -> BackTestShape:
    """When the rule would have fired in `[start, end)` (Unix ms); with `edited`, a file that takes
    the place of the one of the same name in rules/. Raises UsageError, SolutionError."""
    request = BackTestRequest(start=from_ms(span[0]), end=from_ms(span[1]))
    if edited is not None:
        request.file, request.text = edited.stem, _text(edited)
    run = read_run(solution.folder)
    if run is not None:
        path = API_PATH.format(rule_id=rule_id)
        body = request.model_dump_json().encode()
        answer = LocalApi(solution.folder, run).post(path, [("lang", spoken.code)], body)
        return BackTestShape.model_validate_json(answer)
    with _rules(solution) as rules:
        zone = zone_of(solution, _SOLUTION)
        return rules.backtest(rule_id, request, Reader(spoken.code, say_in(spoken, zone)))


def why_of(
    solution: Solution, rule_id: str, subject: str, at_ms: int | None, spoken: Language
) -> WhyShape:
    """Why the rule fires about the subject at that moment, or not; now without one. Raises
    UsageError."""
    run = read_run(solution.folder)
    if run is not None:
        query = [("subject", subject), ("lang", spoken.code)]
        query += [("at", str(at_ms))] if at_ms is not None else []
        path = WHY_PATH.format(rule_id=rule_id)
        return WhyShape.model_validate_json(LocalApi(solution.folder, run).read(path, query))
    with _rules(solution) as rules:
        found = rules.why(rule_id, subject, at_ms)
        say = say_in(spoken, zone_of(solution, found.subject))
        return shape_of(found, solution, Reader(spoken.code, say))


def moment_of(text: str | None, solution: Solution, default_ms: int) -> int:
    """A time as it was typed, local to the first site. Raises UsageError."""
    if text is None:
        return default_ms
    try:
        return parse_time(text, zone_of(solution, _SOLUTION))
    except ValueError:
        message = N_("“{text}” is not a date; write 2026-03-29T08:00.")
        raise UsageError(Text(message, {"text": text[:40]})) from None


def last_days(days: int) -> tuple[int, int]:
    """The days before now."""
    now = now_ms()
    return now - days * DAY_MS, now


def say_in(spoken: Language, zone: ZoneInfo) -> Say:
    """Sentences with their moments in a zone."""
    formats = Formats(spoken)

    def told(value: object) -> object:
        if isinstance(value, Moment):
            return formats.time(value.time_ms, zone, seconds=False)
        return say(value) if isinstance(value, Text) else value

    def say(text: Text) -> str:
        given = {name: told(one) for name, one in text.params.items()}
        return spoken.render(Text(text.message, given))

    return say


_SOLUTION = Subject(SubjectKind.SOLUTION, "")


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        message = N_("{file} cannot be read: {problem}.")
        raise UsageError(Text(message, {"file": file, "problem": str(error)})) from None


@contextmanager
def _rules(solution: Solution) -> Iterator[Rules]:
    """The rules of a solution that does not run, with its store."""
    registry = open_sqlite(solution.folder / REGISTRY_FILE)
    with closing(registry), closing(open_store(solution.folder)) as store:
        journal = RegistryJournal(registry, now_ms)
        rules = Rules(Ground(registry, lambda: solution, now_ms, journal, solution.folder))
        series = routing.by_name(store.series())
        rules.around = Surroundings(store, lambda: series)
        yield rules
