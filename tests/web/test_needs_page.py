"""The page of needs: remarks beside what they are about, and a matrix of what one chooses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from school import School


@pytest.fixture
def solution_file(school: School) -> Iterator[Path]:
    """solution.yaml, the same after the test as before."""
    file = school.running.solution.folder / "solution.yaml"
    before = file.read_text()
    yield file
    file.write_text(before)
    school.running.reload()


def rows(html: str) -> list[str]:
    """The requirements in the matrix."""
    return re.findall(r'id="cover-([\w-]+)"', html)


def test_the_matrix_shows_what_is_chosen(client: httpx.Client, school: School) -> None:
    every = [one.id for one in school.running.solution.about.requirements]
    assert rows(client.get("/design/needs").text) == every
    assert rows(client.get("/design/needs?kind=security").text) == ["R-KEYS"]
    assert rows(client.get("/design/needs?kind=security&priority=could").text) == []
    assert rows(client.get("/design/needs?kind=nonsense&priority=x").text) == every
    holes = rows(client.get("/design/needs?holes=1").text)
    assert "R-COMPLETE" in holes
    assert "R-LIGHT" not in holes


def test_a_finding_stands_beside_its_requirement_in_the_readers_language(
    client: httpx.Client, school: School, solution_file: Path
) -> None:
    text = solution_file.read_text()
    solution_file.write_text(
        text.replace("shows the state of the air by a colour", "is user-friendly")
    )
    school.running.reload()
    html = client.get("/design/needs?lang=en").text
    cell = html[html.index('id="need-R-LIGHT"') : html.index('id="need-R-REPORT"')]
    assert "“user-friendly” is an opinion" in cell
    assert "/design/edit/solution/requirements/R-LIGHT" in cell
