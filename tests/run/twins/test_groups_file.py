"""Groups are checked before anything acts on them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from jalon.app.solution import check

EXAMPLE = Path(__file__).parents[3] / "examples" / "school-air"


@pytest.mark.parametrize(
    ("written", "place", "sentence"),
    [
        ("query: silent and batery < 3", "3:23", "“batery” is neither a property nor a fact"),
        ("query: battery <", "3:21", "A value is missing here."),
        ("devices: [zay-canteen, zay-cantin]", "3:28", "There is no device “zay-cantin”"),
        ("query: group = one", "3:12", "The group “one” is made of itself."),
        ("query: group = two", "3:12", "The group “one” is made of itself."),
        ("name: One", "2:5", "A group has either devices or a query."),
    ],
)
def test_a_slip_is_told_with_its_place(
    tmp_path: Path, written: str, place: str, sentence: str
) -> None:
    folder = tmp_path / "air"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".jalon"))
    file = folder / "fleet" / "groups.yaml"
    file.write_text(
        f"groups:\n  - id: one\n    {written}\n  - id: two\n    query: group = one or silent\n"
    )
    found = [(str(one.place), str(one.text)) for one in check(folder)]
    mine = [text for at, text in found if at == f"fleet/groups.yaml:{place}"]
    assert any(sentence in text for text in mine), found
