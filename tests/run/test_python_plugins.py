"""Codecs of installed packages: whatever they do, the batch goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from jalon.run.batch import Reason
from jalon.run.codecs.codec import Frame, Output
from jalon.run.codecs.entry import Refused
from jalon.run.codecs.plugin import Plugin, PluginError


class Counter:
    """Understands one byte, chokes on 0xFF."""

    def decode(self, frames: Sequence[Frame]) -> list[Output | Refused]:
        return [self._one(frame.payload) for frame in frames]

    def encode(self, values: Mapping[str, object]) -> Frame:
        count = values["count"]
        assert isinstance(count, int)
        return Frame(bytes([count]))

    def _one(self, payload: bytes) -> Output | Refused:
        if payload == b"\xff":
            raise ZeroDivisionError("by the plug-in")
        return Output({"count": payload[0]})


GOOD, BAD = Frame(b"\1"), Frame(b"\xff")


@pytest.mark.parametrize("offered", [Counter, Counter(), lambda: Counter()])
def test_an_object_a_class_and_a_function_may_be_offered(offered: object) -> None:
    assert Plugin("counter", offered).decode([GOOD]) == [Output({"count": 1})]


def test_only_the_frame_at_fault_is_refused() -> None:
    first, second, third = Plugin("counter", Counter()).decode([GOOD, BAD, GOOD])
    assert first == third == Output({"count": 1})
    assert isinstance(second, Refused)
    assert second.reason is Reason.CODEC
    assert second.detail == "counter: ZeroDivisionError: by the plug-in"


class Odd:
    def __init__(self, results: object) -> None:
        self._results = results

    def decode(self, frames: Sequence[Frame]) -> object:
        if isinstance(self._results, Exception):
            raise self._results
        return self._results


@pytest.mark.parametrize(
    ("results", "detail"),
    [
        ([], "odd: 0 results for 1 frames"),
        ([{"a": 1}], "odd gave a dict, no Output"),
        (7, "odd: TypeError: 'int' object is not iterable"),
        (Refused(Reason.CODEC, "checksum"), "checksum"),
        (RecursionError("deep"), "odd: RecursionError: deep"),
    ],
)
def test_what_is_no_result_is_a_refusal(results: object, detail: str) -> None:
    outcome = Plugin("odd", Odd(results)).decode([GOOD])[0]
    assert isinstance(outcome, Refused)
    assert outcome.detail == detail


def test_a_plugin_writes_too() -> None:
    plugin = Plugin("counter", Counter())
    assert plugin.encode({"count": 7}) == Frame(b"\7")
    with pytest.raises(Refused, match="counter: KeyError: 'count'"):
        plugin.encode({})
    with pytest.raises(Refused, match="odd writes nothing"):
        Plugin("odd", Odd([])).encode({})


@pytest.mark.parametrize("offered", [7, object, lambda: 7, lambda: 1 / 0])
def test_what_is_no_codec_is_told(offered: object) -> None:
    with pytest.raises(PluginError):
        Plugin("odd", offered)
