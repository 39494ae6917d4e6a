"""Lengths of time are read as people write them, always with a unit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from jalon.vocab.durations import Duration, milliseconds


class Entry(BaseModel):
    """A part of a file."""

    every: Duration


@pytest.mark.parametrize(
    ("text", "ms"),
    [("30 s", 30_000), ("15min", 900_000), ("1.5 h", 5_400_000), ("1 d", 86_400_000), ("0 s", 0)],
)
def test_a_number_with_its_unit(text: str, ms: int) -> None:
    assert Entry.model_validate({"every": text}).every == ms


@pytest.mark.parametrize("text", ["30", "-5 s", "5 minutes", "", "1 h 30 min", "1e9 s", "٣ s h"])
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValidationError, match="30 s, 15 min"):
        Entry.model_validate({"every": text})


@given(st.integers(0, 10**9 - 1), st.sampled_from(["ms", "s", "min", "h", "d", "w"]))
def test_whole_numbers_are_exact(number: int, unit: str) -> None:
    assert milliseconds(f"{number} {unit}") == number * milliseconds(f"1 {unit}")
