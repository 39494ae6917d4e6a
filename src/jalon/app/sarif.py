"""Findings as SARIF 2.1.0, which code hosts and editors show beside the lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import version
from urllib.parse import quote

from jalon.vocab.finding import Finding, Severity
from jalon.vocab.text import Text

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def sarif(
    findings: Sequence[Finding], render: Callable[[Text], str], folder: str = ""
) -> dict[str, object]:
    """The log of one run. `folder` is put before the files: the way from where the log is read."""
    rules = sorted({finding.rule for finding in findings})
    driver = {
        "name": "jalon",
        "version": version("jalon"),
        "rules": [{"id": rule} for rule in rules],
    }
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": [
                    {
                        "ruleId": finding.rule,
                        "ruleIndex": rules.index(finding.rule),
                        "level": _LEVELS[finding.severity],
                        "message": {"text": _message(finding, render)},
                        "locations": [{"physicalLocation": _location(finding, folder)}],
                    }
                    for finding in findings
                ],
            }
        ],
    }


def _message(finding: Finding, render: Callable[[Text], str]) -> str:
    sentences = [finding.text, finding.hint] if finding.hint else [finding.text]
    return " ".join(render(sentence) for sentence in sentences)


def _location(finding: Finding, folder: str) -> dict[str, object]:
    place = finding.place
    path = f"{folder.rstrip('/')}/{place.file}" if folder else place.file
    location: dict[str, object] = {"artifactLocation": {"uri": quote(path)}}
    if place.line:
        location["region"] = {"startLine": place.line, "startColumn": max(place.column, 1)}
    return location
