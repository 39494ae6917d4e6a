"""Short ways to say a remark about a file of the duties."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from jalon.design.blueprint import Blueprint
from jalon.vocab.finding import Mark, Path, Remark, Severity
from jalon.vocab.references import unknown_each
from jalon.vocab.text import Text

_GROUPS = frozenset(
    {"aim", "answers", "automated", "charter", "consent", "data", "dpia", "duties", "ethics"}
    | {"needs", "requirements", "rights", "risks"}
)
"""Keys of what has entries of its own: there the key is the place, not the first entry."""


def _mark(part: str, path: Path) -> Mark:
    return Mark(part, path, on_key=bool(path) and path[-1] in _GROUPS)


def warn(rule: str, part: str, path: Path, message: str, **params: object) -> Remark:
    """A weakness."""
    return Remark(rule, Severity.WARNING, _mark(part, path), Text(message, params))


def info(rule: str, part: str, path: Path, message: str, **params: object) -> Remark:
    """Advice."""
    return Remark(rule, Severity.INFO, _mark(part, path), Text(message, params))


def lost(
    rule: str, part: str, path: Path, message: str, words: Sequence[str], known: Iterable[str]
) -> Iterator[Remark]:
    """Errors for words of the list at `path` that lead nowhere."""
    if words:
        yield from unknown_each(rule, part, path, message, words, known)


def cases(blueprint: Blueprint) -> list[str]:
    """Ids of all test cases."""
    return [case.id for file in blueprint.cases.values() for case in file.cases]


def controls(blueprint: Blueprint) -> list[str]:
    """Ids of all controls."""
    return [one.id for one in blueprint.security.controls]


def requirements(blueprint: Blueprint) -> list[str]:
    """Ids of all requirements."""
    return [one.id for one in blueprint.about.requirements]


def components(blueprint: Blueprint) -> list[str]:
    """Ids of all components."""
    return [one.id for one in blueprint.architecture.components]


def few(ids: Sequence[str], shown: int = 6) -> str:
    """The first of them, in one text."""
    return ", ".join(ids[:shown]) + (", …" if len(ids) > shown else "")
