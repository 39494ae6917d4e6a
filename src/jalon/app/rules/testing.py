"""The test cases of rules, run as they stand in the files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from jalon.adapters.folder import yaml_reader
from jalon.adapters.folder.document import Document, Draft
from jalon.adapters.plugin_rules import Processes
from jalon.app.rules.files import path_of
from jalon.app.rules.places import every_rule
from jalon.app.solution import Solution
from jalon.run.control import (
    AlarmDue,
    CallDue,
    CommandDue,
    DesireDue,
    FiredDue,
    NoticeDue,
)
from jalon.run.rules.cases import CaseResult, Happened, Mismatch, case_world, run_cases
from jalon.run.rules.spec import Rule
from jalon.vocab.finding import Path as Keys
from jalon.vocab.finding import Place
from jalon.vocab.text import N_, Text


@dataclass(frozen=True, slots=True)
class Failure:
    """What did not come out, and where it is written."""

    place: Place
    text: Text


@dataclass(frozen=True, slots=True)
class Tested:
    """A case that was run: where it is written, and what failed."""

    rule: str
    name: str
    place: Place
    failures: tuple[Failure, ...]
    result: CaseResult

    @property
    def passed(self) -> bool:
        """Whether everything came as expected."""
        return not self.failures


def run_tests(
    solution: Solution,
    rule_id: str | None = None,
    edited: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Tested]:
    """Run the cases of one rule, or of all, one after the other: no store, no network, in a time
    of their own. The solution's files must have been checked; `edited` are texts that stand for
    the files of these names."""
    documents: dict[str, Document | None] = {}
    world = case_world(solution.fleet, solution.things, solution.control.calendars)
    with closing(Processes(solution.folder / "rules")) as plugins:
        for file, index, rule in every_rule(solution):
            if (rule_id is not None and rule.id != rule_id) or not rule.tests:
                continue
            if file not in documents:
                documents[file] = _document(solution.folder, file, edited.get(file))
            for result in run_cases(rule, world, plugins):
                yield _placed(documents[file], (file, index, rule), result)


def untested(solution: Solution) -> list[Rule]:
    """Rules without a test case."""
    return [rule for _file, _index, rule in every_rule(solution) if not rule.tests]


def _document(folder: Path, file: str, text: str | None) -> Document | None:
    try:
        text = (folder / path_of(file)).read_text("utf-8-sig") if text is None else text
    except OSError:
        return None
    return yaml_reader.read(text, Draft(path_of(file)))


def _placed(document: Document | None, stands: tuple[str, int, Rule], result: CaseResult) -> Tested:
    file, index, rule = stands
    case: Keys = ("rules", index, "tests", result.index)

    def place(*more: str | int) -> Place:
        return document.place((*case, *more)) if document else Place(path_of(file))

    failures = [
        Failure(place("expect", one.expect, one.key), told(one)) for one in result.mismatches
    ]
    if result.trouble is not None:
        failures.append(Failure(place("name"), result.trouble))
    return Tested(rule.id, result.name, place("name"), tuple(failures), result)


def told(one: Mismatch) -> Text:
    """What was expected and what came, in a sentence."""
    given = {
        "after": length(one.after_ms),
        "what": one.key,
        "expected": shown(one.expected),
        "came": shown(one.came),
    }
    return Text(N_("After {after}, {what} should be {expected} and is {came}."), given)


def shown(value: object) -> str:
    """A value of a case as it would be written."""
    match value:
        case bool():
            return "true" if value else "false"
        case None:
            return "null"
        case float():
            return f"{value:g}"
        case str():
            return f"“{value}”" if not value or " " in value else str(value)
        case list() | tuple() | set() | frozenset():
            return "[" + ", ".join(shown(one) for one in value) + "]"
        case Mapping():
            return "{" + ", ".join(f"{name}: {shown(one)}" for name, one in value.items()) + "}"
        case _:
            return str(value)


def length(time_ms: int) -> str:
    """A length of time as the files write it."""
    for unit, size in (("h", 3_600_000), ("min", 60_000), ("s", 1_000)):
        if time_ms >= size and time_ms % size == 0:
            return f"{time_ms // size} {unit}"
    return f"{time_ms / 1000:g} s"


def told_happened(result: CaseResult) -> list[Text]:
    """What the rule decided in a case, decision by decision."""
    return [
        Text(N_("after {after}: {what}"), {"after": length(one.after_ms), "what": _what(one)})
        for one in result.happened
        if not isinstance(one.decision, FiredDue)
    ]


def _what(one: Happened) -> str:
    """A decision in the words of the files."""
    match one.decision:
        case AlarmDue(severity=severity, subject=subject):
            return f"alarm {severity.value if severity else 'none'} ({subject})"
        case NoticeDue(to=to):
            return f"notify {shown(to)}"
        case CommandDue(action=action, input=given, subject=subject):
            return f"command {action} {shown(given)} ({subject})"
        case DesireDue(desired=desired, subject=subject):
            return f"desire {shown(desired)} ({subject})"
        case CallDue(webhook=webhook):
            return f"call {webhook}"
        case other:
            return other.kind
