"""JUnit files as many programs write them, and files that are none."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.adapters.folder.junit import JUnitError, read_junit, read_runs
from jalon.design.spec.tests import Verdict
from jalon.vocab.finding import Finding

PYTEST = """<?xml version="1.0" encoding="utf-8"?>
<testsuites name="pytest tests"><testsuite name="pytest" timestamp="2026-11-16T08:30:00.5+01:00">
<testcase classname="tests.test_air" name="test_stale[room-1]" time="0.01"/>
<testcase classname="tests.test_air" name="test_stale[room-2]"><failure message="assert 1 == 2">long
text</failure></testcase>
<testcase classname="tests.test_air" name="test_later"><skipped message="no device"/></testcase>
<testsuite name="inner"><testcase name="bare"><error>broke
 down</error></testcase></testsuite>
</testsuite></testsuites>"""


def test_verdicts_names_times_and_reasons_are_read() -> None:
    one, two, three, four = read_junit(PYTEST.encode())
    assert [one.verdict, two.verdict, three.verdict, four.verdict] == [
        Verdict.PASSED,
        Verdict.FAILED,
        Verdict.BLOCKED,
        Verdict.FAILED,
    ]
    assert [two.note, three.note, four.note] == ["assert 1 == 2", "no device", "broke down"]
    assert one.at == four.at == datetime.fromisoformat("2026-11-16T08:30:00.5+01:00")
    assert one.names == (
        "tests.test_air.test_stale[room-1]",
        "tests.test_air.test_stale",
        "test_stale[room-1]",
        "test_stale",
    )
    assert four.names == ("bare",)


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><testsuite name="&b;"/>'


@pytest.mark.parametrize(
    "text", ["", "no xml", "<html/>", "<testsuite>", BOMB, '<testsuite name="\x00"/>']
)
def test_what_is_no_junit_is_refused(text: str) -> None:
    with pytest.raises(JUnitError):
        read_junit(text.encode())


@given(st.binary())
def test_no_bytes_do_any_other_harm(raw: bytes) -> None:
    with suppress(JUnitError):
        read_junit(raw)


@given(st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cn", "Cc"])))
def test_any_name_comes_back(name: str) -> None:
    raw = f"<testsuite><testcase name={quoteattr(name)}/></testsuite>".encode()
    (found,) = read_junit(raw)
    assert found.name == name


def test_a_broken_file_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "tests" / "results"
    folder.mkdir(parents=True)
    (folder / "good.xml").write_text('<testsuite><testcase name="a"/></testsuite>')
    (folder / "bad.xml").write_text("<testsuite>")
    noted: list[Finding] = []
    assert list(read_runs(tmp_path, noted.append)) == ["tests/results/good.xml"]
    (finding,) = noted
    assert (finding.rule, finding.place.file) == ("tests.unreadable", "tests/results/bad.xml")


def test_suites_without_end_are_refused() -> None:
    depth = 3_000
    deep = "<testsuite>" * depth + "</testsuite>" * depth
    with pytest.raises(JUnitError, match="too deep"):
        read_junit(deep.encode())
