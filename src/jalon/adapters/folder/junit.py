"""Results of automatic tests, as build servers write them: JUnit XML.

There is no standard, only habit: `testsuites` or `testsuite` at the top, `testcase` with
`classname` and `name`, in it `failure`, `error` or `skipped`. Files come from elsewhere: entities
and external references are refused (defusedxml).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from jalon.design.spec.tests import Verdict
from jalon.vocab.finding import Finding, Place, Severity
from jalon.vocab.text import N_, Text

_PARAMETERS = re.compile(r"\[.*\]$", re.DOTALL)
_NOTE = 200


@dataclass(frozen=True, slots=True)
class AutomaticResult:
    """One run of one automatic test. `at` is when its suite began, as the file says it, None when
    it does not; `note` is the beginning of what went wrong."""

    classname: str
    name: str
    verdict: Verdict
    at: datetime | None
    note: str

    @property
    def names(self) -> tuple[str, ...]:
        """What a case may call it: with its class or without, with its parameters or without."""
        bare = _PARAMETERS.sub("", self.name)
        short = dict.fromkeys((self.name, bare))
        full = [f"{self.classname}.{name}" for name in short] if self.classname else []
        return (*full, *short)


class JUnitError(ValueError):
    """The file cannot be read as JUnit XML; the message says why, in English."""


def read_runs(folder: Path, note: Callable[[Finding], None]) -> dict[str, list[AutomaticResult]]:
    """The files of `tests/results` by name; one that is no JUnit XML is noted and left out."""
    found: dict[str, list[AutomaticResult]] = {}
    for path in sorted((folder / "tests" / "results").glob("*.xml")):
        name = path.relative_to(folder).as_posix()
        try:
            found[name] = read_junit(path.read_bytes())
        except (JUnitError, OSError) as error:
            text = Text(N_("The file is no JUnit XML: {reason}."), {"reason": error})
            note(Finding("tests.unreadable", Severity.WARNING, Place(name), text))
    return found


def read_junit(raw: bytes) -> list[AutomaticResult]:
    """Every test of the file, in its order. Raises JUnitError."""
    try:
        root = fromstring(raw, forbid_dtd=True)
    except (ParseError, DefusedXmlException, LookupError, ValueError) as error:
        raise JUnitError(str(error) or type(error).__name__) from error
    if root.tag not in ("testsuites", "testsuite"):
        raise JUnitError(f"it begins with <{root.tag}>")
    try:
        return list(_suite(root, None))
    except RecursionError as error:
        raise JUnitError("suites are nested too deep") from error


def _suite(element: Element, began: datetime | None) -> Iterator[AutomaticResult]:
    began = _time(element.get("timestamp")) or began
    for child in element:
        if child.tag in ("testsuites", "testsuite"):
            yield from _suite(child, began)
        elif child.tag == "testcase":
            yield _case(child, began)


def _case(element: Element, began: datetime | None) -> AutomaticResult:
    verdict, note = Verdict.PASSED, ""
    for child in element:
        if child.tag in ("failure", "error"):
            verdict, note = Verdict.FAILED, _said(child)
            break
        if child.tag == "skipped":
            verdict, note = Verdict.BLOCKED, _said(child)
    at = _time(element.get("timestamp")) or began
    return AutomaticResult(element.get("classname", ""), element.get("name", ""), verdict, at, note)


def _said(element: Element) -> str:
    text = element.get("message") or element.text or ""
    return " ".join(text.split())[:_NOTE]


def _time(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
