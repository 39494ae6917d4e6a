"""The threats of a solution, of a folder as it is or as it was."""

from __future__ import annotations

from pathlib import Path

from jalon.app.design.revisions import at_revision
from jalon.app.solution import load
from jalon.design.blueprint import Blueprint
from jalon.design.threats.change import ThreatChange, change
from jalon.design.threats.report import all_threats, threats
from jalon.design.threats.threat import Threat
from jalon.vocab.errors import UsageError
from jalon.vocab.references import nearest
from jalon.vocab.text import N_, Text


def blueprint_of(folder: Path) -> Blueprint:
    """What the folder's files say. Raises SolutionError and UsageError as `load` does."""
    return load(folder).blueprint


def threat_of(blueprint: Blueprint, key: str) -> Threat:
    """The threat of that key, also one that does not apply. UsageError when there is none."""
    found = all_threats(blueprint)
    if key not in found:
        near = nearest(key, found)
        text = N_("There is no threat {key}. {near}")
        raise UsageError(Text(text, {"key": key, "near": near}))
    return found[key]


def changed_since(folder: Path, revision: str) -> ThreatChange:
    """What changed since a git revision. Raises UsageError when git does not know it."""
    after = blueprint_of(folder)
    with at_revision(folder, revision) as then:
        before = blueprint_of(then)
        # Computed while the folder is there, though nothing reads it any more.
        return change(before, after)


def changed_between(before: Path, after: Path) -> ThreatChange:
    """What lies between two folders."""
    return change(blueprint_of(before), blueprint_of(after))


__all__ = ["blueprint_of", "changed_between", "changed_since", "threat_of", "threats"]
