"""The life of a command, tried with everything that can happen to it."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.strategies import sampled_from

from jalon.run.commands.bulk import Error, PartialFailure, Progress, Success, result
from jalon.run.commands.states import (
    IN_HAND,
    LABELS,
    ON_THE_WAY,
    OPEN,
    STEPS,
    TABLE,
    WAITING,
    Misstep,
    State,
    Step,
    diagram,
    follow,
    is_final,
    table,
)


class Life(RuleBasedStateMachine):
    """Any steps in any order: those that are not in the table do nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.path = [State.REQUESTED]

    @property
    def state(self) -> State:
        return self.path[-1]

    @rule(step=sampled_from(list(Step)))
    def happen(self, step: Step) -> None:
        if step in TABLE[self.state]:
            self.path.append(follow(self.state, step))
            return
        with pytest.raises(Misstep) as misstep:
            follow(self.state, step)
        assert (misstep.value.state, misstep.value.step) == (self.state, step)

    @precondition(lambda self: is_final(self.state))
    @rule(step=sampled_from(list(Step)))
    def nothing_happens_after_the_end(self, step: Step) -> None:
        with pytest.raises(Misstep):
            follow(self.state, step)

    @invariant()
    def what_may_have_left_is_never_called_cancelled_or_expired(self) -> None:
        if self.state in (State.CANCELLED, State.EXPIRED):
            left = {*ON_THE_WAY, State.COMPLETED, State.FAILED} - {State.SENDING}
            assert not left & set(self.path)

    @invariant()
    def nothing_is_sent_again_once_the_device_has_it(self) -> None:
        for had in (State.DELIVERED, State.RUNNING):
            if had in self.path:
                assert not set(IN_HAND) & set(self.path[self.path.index(had) :])

    @invariant()
    def what_was_rejected_never_left(self) -> None:
        if self.state is State.REJECTED:
            assert not (set(ON_THE_WAY) - {State.SENDING}) & set(self.path)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60)


def test_every_state_can_be_reached_and_left_or_is_an_end() -> None:
    reached, look = {State.REQUESTED}, [State.REQUESTED]
    while look:
        for after in TABLE[look.pop()].values():
            if after not in reached:
                reached.add(after)
                look.append(after)
    assert reached == set(State) == set(TABLE)
    assert {one for one in State if is_final(one)} == {
        State.COMPLETED,
        State.FAILED,
        State.EXPIRED,
        State.CANCELLED,
        State.REJECTED,
    }


def test_everything_has_words_and_a_place_in_the_pictures() -> None:
    assert set(LABELS) == set(State)
    assert set(STEPS) == set(Step)
    assert set(OPEN) == {*WAITING, *ON_THE_WAY}
    assert all(f"| {state} |" in table() for state in State)
    assert diagram().count("-->") == 1 + sum(map(len, TABLE.values())) + 5


def test_a_bulk_is_hopeless_only_once_enough_are_through() -> None:
    def progress(done: int, failed: int, open_: int) -> Progress:
        return Progress.of(
            {State.COMPLETED: done, State.FAILED: failed, State.QUEUED: open_, "cancelled": 0}
        )

    assert not progress(0, 1, 99).is_hopeless(20)
    assert not progress(9, 1, 90).is_hopeless(20)
    assert progress(8, 2, 90).is_hopeless(20)
    assert progress(0, 2, 2).is_hopeless(20)
    assert not progress(10, 0, 90).is_hopeless(1)
    assert result(progress(1, 0, 1)) is None
    assert result(progress(2, 0, 0)) == Success(2)
    assert result(progress(1, 1, 0)) == PartialFailure(1, 1, 0)
    assert result(progress(0, 2, 0)) == Error(2, 0)
