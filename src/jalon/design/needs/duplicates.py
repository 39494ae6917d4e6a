"""Requirements that say the same twice, or nearly.

Near duplicates share most of their words (Jaccard). Candidates come from an index of rare words
(prefix filtering: two sets this alike share one of their rarest words), so that a thousand
requirements are not compared each with each.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from jalon.design.spec.solution import Requirement
from jalon.vocab.finding import Mark, Remark, Severity
from jalon.vocab.text import N_, Text

ALIKE = 0.8
_FEWEST = 5
"""Words from which likeness says something."""
_CANDIDATES = 40
"""A word in more requirements than these says little; only the last ones are looked at."""


def check_duplicates(requirements: Sequence[Requirement]) -> Iterator[Remark]:
    """Each pair is told at the later one."""
    bags = [_words(one) for one in requirements]
    counts = Counter(word for bag in bags for word in bag)
    index: dict[str, list[int]] = defaultdict(list)
    for later, bag in enumerate(bags):
        rarest = sorted(bag, key=lambda word: (counts[word], word))
        prefix = rarest[: len(rarest) - math.ceil(ALIKE * len(rarest)) + 1]
        candidates = {one for word in prefix for one in index[word][-_CANDIDATES:]}
        best = max(((_likeness(bags[one], bag), -one) for one in candidates), default=(0.0, 0))
        if len(bag) >= _FEWEST and best[0] >= ALIKE:
            yield _remark(requirements, -best[1], later, best[0])
        for word in prefix:
            index[word].append(later)


def _remark(requirements: Sequence[Requirement], first: int, later: int, likeness: float) -> Remark:
    one, other = requirements[later], requirements[first]
    message = N_("{id} says nearly the same as {other}.")
    severity = Severity.INFO
    if likeness == 1.0:
        message, severity = N_("{id} says the same as {other}."), Severity.WARNING
    text = Text(message, {"id": one.id, "other": other.id})
    at = Mark("solution", ("requirements", later, "statement"))
    return Remark("needs.duplicate", severity, at, text)


def _words(one: Requirement) -> frozenset[str]:
    """Of the statement in one language, with the measure: another bound is another demand."""
    text = one.statement.en or one.statement.fr or ""
    return frozenset([*re.findall(r"\w+", text.lower()), *str(one.measure or "").split()])


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared) if shared else 0.0
