"""What was read stays read until it changes, or what it rests on does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import MappingProxyType

import pytest
from needs_writer import Entry, about, blueprint, cases, requirement

from jalon.design.blueprint import Blueprint
from jalon.design.needs.items import items
from jalon.design.needs.reviewed import ReviewState, check_reviews, review_now, reviews
from jalon.design.spec.reviews import ReviewsFile

DAY = date(2026, 11, 20)


def solution(
    statement: str, goal: str = "Know when to air.", more: Entry = MappingProxyType({})
) -> Blueprint:
    """A requirement, the objective above it, and the case below it."""
    demand = requirement("R1", statement, objectives=["O1"], **more)
    objective: Entry = {"id": "O1", "statement": goal}
    plan = cases({"id": "T1", "requirements": ["R1"]})
    return blueprint(about(demand, objectives=[objective]), plan=plan)


BEFORE = solution("The system answers within 2 s.")
READ = ReviewsFile(
    reviews=review_now(BEFORE, ["requirement.R1", "objective.O1", "case.T1"], "Head of IT", DAY)
)


def states(now: Blueprint) -> dict[str, ReviewState]:
    """After the reviews of `READ`."""
    return {key: one.state for key, one in reviews(replace(now, reviews=READ)).items()}


def test_what_was_read_holds_and_says_nothing() -> None:
    assert set(states(BEFORE).values()) == {ReviewState.REVIEWED}
    assert not list(check_reviews(replace(BEFORE, reviews=READ)))
    assert not list(check_reviews(BEFORE)), "nothing has been reviewed yet"


def test_a_changed_requirement_is_to_be_read_again_and_its_tests_are_suspect() -> None:
    now = solution("The system answers within 3 s.")
    assert states(now) == {
        "objective.O1": ReviewState.REVIEWED,
        "requirement.R1": ReviewState.CHANGED,
        "case.T1": ReviewState.SUSPECT,
    }
    found = list(check_reviews(replace(now, reviews=READ)))
    assert [(one.rule, one.at.part) for one in found] == [
        ("needs.changed", "solution"),
        ("needs.suspect", "tests/plan"),
    ]
    assert "Head of IT" in str(found[0].text)


def test_a_changed_objective_makes_its_requirements_suspect_but_not_their_tests() -> None:
    now = solution("The system answers within 2 s.", goal="Know when to heat.")
    assert states(now) == {
        "objective.O1": ReviewState.CHANGED,
        "requirement.R1": ReviewState.SUSPECT,
        "case.T1": ReviewState.REVIEWED,
    }


@pytest.mark.parametrize(
    "more", [{"rationale": "Ann waits."}, {"components": []}, {"source": "interview"}]
)
def test_what_binds_nobody_changes_nothing(more: dict[str, object]) -> None:
    now = solution("The system\n  answers within 2 s.", more=more)
    assert set(states(now).values()) == {ReviewState.REVIEWED}


@pytest.mark.parametrize(
    "more", [{"priority": "should"}, {"measure": "page.latency p95 < 2 s"}, {"kind": "operation"}]
)
def test_what_binds_is_in_the_fingerprint(more: dict[str, object]) -> None:
    assert states(solution("The system answers within 2 s.", more=more))["requirement.R1"] is (
        ReviewState.CHANGED
    )


def test_reading_again_mends_it_and_forgets_what_is_gone() -> None:
    now = replace(solution("The system answers within 3 s."), reviews=READ)
    again = review_now(now, ["requirement.R1", "case.T1"], "Head of IT", DAY)
    assert [one.item for one in again] == ["case.T1", "objective.O1", "requirement.R1"]
    after = replace(now, reviews=ReviewsFile(reviews=again))
    assert {one.state for one in reviews(after).values()} == {ReviewState.REVIEWED}
    empty = replace(blueprint(about()), reviews=READ)
    assert review_now(empty, [], "Head of IT", DAY) == []
    assert {one.rule for one in check_reviews(empty)} == {"needs.reviewed-gone"}


def test_a_link_that_is_new_or_lost_is_suspect() -> None:
    demand = requirement("R1", "The system answers within 2 s.", objectives=["O1", "O2"])
    two = [{"id": name, "statement": "Know when to air."} for name in ("O1", "O2")]
    now = replace(blueprint(about(demand, objectives=two)), reviews=READ)
    standing = reviews(now)["requirement.R1"]
    assert (standing.state, standing.suspects) == (ReviewState.SUSPECT, ("objective.O2",))
    (unread,) = [one for one in check_reviews(now) if one.rule == "needs.unreviewed"]
    assert "O2" in str(unread.text)


def test_the_two_languages_are_not_taken_for_each_other() -> None:
    one = solution("x")
    other = blueprint(about(requirement("R1", {"fr": "x", "en": "x "}, objectives=["O1"])))
    third = blueprint(about(requirement("R1", {"fr": "x"}, objectives=["O1"])))
    prints = [items(each)["requirement.R1"].fingerprint for each in (one, other, third)]
    assert prints[0] == prints[1] != prints[2]
