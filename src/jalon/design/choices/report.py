"""Every question with what excludes its options, and how the others rank."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from jalon.design.blueprint import Blueprint
from jalon.design.choices.candidates import Candidate, candidates
from jalon.design.choices.demands import Held, Verdict, Wanted, demands_of, held_against
from jalon.design.choices.ranking import Ranking, order, rank, shares_of, spotis, wanted
from jalon.design.spec.architecture import Decision
from jalon.design.spec.choices import Question


@dataclass(frozen=True, slots=True)
class Judged:
    """An option: what it breaks (written or found), and what nobody knows yet."""

    candidate: Candidate
    broken: tuple[Held, ...]
    unknown: tuple[Held, ...]
    missing: tuple[str, ...]
    """Criteria for which it has no figure."""

    @property
    def id(self) -> str:
        """The option's."""
        return self.candidate.option.id

    @property
    def out(self) -> bool:
        """Whether it is excluded."""
        return bool(self.broken)


@dataclass(frozen=True, eq=False)
class Answer:
    """A question with everything found. `order` are the options that can be ranked, best first."""

    question: Question
    index: int
    decision: Decision | None
    demands: tuple[Wanted, ...]
    options: tuple[Judged, ...]
    order: tuple[str, ...]

    @property
    def rows(self) -> list[list[float]]:
        """Shares of the scales, of the options that can be ranked, in the order of the file."""
        return [
            [wanted(one.candidate.option.figures[it.id], it) for it in self.question.criteria]
            for one in self.ranked
        ]

    @property
    def ranked(self) -> list[Judged]:
        """Options that are not out and have a figure for each criterion."""
        if not self.question.criteria:
            return []
        return [one for one in self.options if not one.out and not one.missing]

    def judged(self, option: str) -> Judged | None:
        """The option of that id."""
        return next((one for one in self.options if one.id == option), None)


@lru_cache(maxsize=4)
def answers(blueprint: Blueprint) -> tuple[Answer, ...]:
    """All questions, in the order of choices.yaml."""
    decisions = {one.id: one for one in blueprint.architecture.decisions}
    found = []
    for index, question in enumerate(blueprint.choices.questions):
        demands = demands_of(blueprint, question)
        options = tuple(
            _judged(blueprint, question, one, demands) for one in candidates(blueprint, question)
        )
        decision = decisions.get(question.decision or "")
        first = Answer(question, index, decision, demands, options, ())
        found.append(Answer(question, index, decision, demands, options, _order(first)))
    return tuple(found)


def _judged(
    blueprint: Blueprint, question: Question, one: Candidate, demands: tuple[Wanted, ...]
) -> Judged:
    held = [held_against(wanted_, one, blueprint) for wanted_ in demands]
    own = [
        Held(Verdict.BROKEN, it.reason.names, it.requirement or "") for it in one.option.excluded
    ]
    return Judged(
        one,
        (*(it for it in held if it.verdict is Verdict.BROKEN), *own),
        tuple(it for it in held if it.verdict is Verdict.UNKNOWN),
        tuple(it.id for it in question.criteria if it.id not in one.option.figures),
    )


def _order(answer: Answer) -> tuple[str, ...]:
    ranked = answer.ranked
    if not ranked:
        return ()
    weights = shares_of([one.weight for one in answer.question.criteria])
    return tuple(order([one.id for one in ranked], spotis(answer.rows, weights)))


@lru_cache(maxsize=32)
def ranking(answer: Answer) -> Ranking | None:
    """By both methods, with the weight of weights; None with less than two to compare."""
    ranked = answer.ranked
    if len(ranked) < 2:
        return None
    return rank([one.id for one in ranked], answer.rows, answer.question.criteria)
