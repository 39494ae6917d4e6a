"""What devices say of commands, state, events and updates."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.run import control
from jalon.run.answers import ChunkWanted, read, stamped
from jalon.run.control import Due, EventHeard, ProgressHeard, ResultHeard, StateHeard

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
LEAVES = ("result", "state", "event", "update/get", "update/status")


def test_a_result_names_its_command() -> None:
    heard = read("v1/fridge/result", {"id": "c-1", "status": "failed", "error": "door open"})
    assert isinstance(heard, ResultHeard)
    assert (heard.command, heard.status, heard.error) == ("c-1", "failed", "door open")
    assert (heard.subject, heard.by) == ("device:fridge", "device:fridge")


def test_a_state_may_come_bare_or_with_the_version_it_has_taken_in() -> None:
    bare = read("v1/fridge/state", {"setpoint": 4, "version": 2})
    assert isinstance(bare, StateHeard)
    assert (bare.reported, bare.version) == ({"setpoint": 4, "version": 2}, None)
    full = read("v1/fridge/state", {"reported": {"setpoint": 4}, "version": 7})
    assert isinstance(full, StateHeard)
    assert (full.reported, full.version) == ({"setpoint": 4}, 7)


def test_events_and_updates_are_told_apart() -> None:
    event = read("v1/fridge/event", {"event": "door-opened", "data": {"by": "hand"}})
    assert isinstance(event, EventHeard)
    progress = read("v1/fridge/update/status", {"state": "downloading", "offset": 4096})
    assert isinstance(progress, ProgressHeard)
    wanted = read("v1/fridge/update/get", {"package": "p", "offset": 0, "length": 1024})
    assert wanted == ChunkWanted("fridge", "p", 0, 1024)


@pytest.mark.parametrize(
    ("leaf", "content", "wrong"),
    [
        ("result", {"status": "completed"}, "command"),
        ("result", {"id": "c", "status": "perhaps"}, "status"),
        ("result", {"id": "c", "status": "completed", "extra": 1}, "extra"),
        ("event", ["door"], "expected a JSON object"),
        ("update/get", {"package": "p", "offset": -1, "length": 10}, "offset"),
        ("update/get", {"package": "p", "offset": 0, "length": 1 << 30}, "length"),
        ("update/get", {"package": "p", "offset": True, "length": 1}, "whole numbers"),
        ("update/get", {"package": "p", "offset": 2**64 - 1, "length": 1}, "offset"),
        ("update/status", {"state": "downloading", "offset": 2**64 - 1}, "offset"),
        ("state", {"reported": {}, "version": 2**63}, "version"),
        ("event", {"event": "e", "data": orjson.loads(b"[" * 300 + b"]" * 300)}, "within one"),
        ("state", orjson.loads(b'{"a":' * 200 + b"1" + b"}" * 200), "within one"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_is_wrong(
    leaf: str, content: object, wrong: str
) -> None:
    with pytest.raises(ValueError, match=wrong):
        read(f"v1/fridge/{leaf}", content)


@given(st.sampled_from(LEAVES), JSON)
def test_whatever_comes_is_an_answer_that_can_be_kept_or_a_fault_of_the_message(
    leaf: str, content: object
) -> None:
    try:
        heard = read(f"v1/fridge/{leaf}", orjson.loads(orjson.dumps(content)))
    except ValueError:
        return
    if isinstance(heard, Due):
        kept = stamped(heard, 1_790_000_000_000)
        assert control.read(control.write(kept)) == kept


def test_the_same_said_again_later_is_something_new() -> None:
    heard = read("v1/fridge/event", {"event": "door-opened"})
    assert isinstance(heard, Due)
    assert stamped(heard, 1).key != stamped(heard, 2).key
    assert stamped(heard, 1) == stamped(heard, 1)
