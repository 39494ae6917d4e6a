"""Rules that files cannot say: a function in Python gives a value that a rule looks at.

The function stands in `rules/<name>.py`, or in an installed package that offers it under the entry
points `jalon.rules`. It runs in a process of its own with a time limit; see
`adapters.plugin_rules`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from jalon.run.control import Scalar

GROUP = "jalon.rules"
"""The entry points under which an installed package offers its functions."""
FUNCTION = "decide"
"""What the function is called in `rules/<name>.py`."""
MEMORY_BYTES = 4_096
"""What a function may remember of one subject, as JSON."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What a function is asked: the `values` of the rule about `subject` (`str(Subject)`) as they
    were at `at_ms` (event time, Unix ms); None is not known. `ages_s` says how many seconds old
    each of the known ones was."""

    subject: str
    at_ms: int
    values: Mapping[str, Scalar]
    ages_s: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Answered:
    """What a function says to each of the asks, in their order, and what it wants to remember of
    each subject until the next call (JSON; "" for nothing)."""

    values: Sequence[Scalar]
    memory: Mapping[str, str]


class PluginFailed(Exception):  # noqa: N818 - named for what happened
    """A function took too long, raised, or said what nobody understands. `str` says what, in
    English: it is shown as the trouble of the rule, and no other rule is touched by it."""


class PluginRunner(Protocol):
    """Runs functions where they can harm nothing. To be used by one thread at a time."""

    def ask(self, name: str, asks: Sequence[Ask], memory: Mapping[str, str]) -> Answered:
        """Ask the function `name` all at once; `memory` is what it wanted to remember, by
        subject. Raises PluginFailed."""
