"""From `jalon new` to a specification in one sitting, as docs/design.md tells it."""

from __future__ import annotations

import contextlib
import re
import shlex
from pathlib import Path

import click
from click.testing import CliRunner

from jalon.app.design.overview import AREAS
from jalon.cli.shell import root

PAGE = (Path(__file__).parents[2] / "docs" / "design.md").read_text("utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
LINES = [line for block in BLOCKS for line in block.splitlines()]
MAY_HAVE_SOMETHING_TO_MEND = {"status", "needs", "architecture", "sizing", "threats", "duties"}


def test_every_line_works_one_after_the_other_and_there_is_a_specification(tmp_path: Path) -> None:
    said = {}
    for line in LINES:
        program, *words = shlex.split(line)
        assert program == "jalon"
        with contextlib.chdir(tmp_path):
            done = CliRunner().invoke(root, words, catch_exceptions=False)
        allowed = {0, 1} if words[1] in MAY_HAVE_SOMETHING_TO_MEND else {0}
        assert done.exit_code in allowed, f"{line}: {done.output}"
        said[" ".join(words[:2])] = done.stdout
    assert re.search(r"0 errors|All good", said["check my-design"])
    written = {path.suffix for path in (tmp_path / "my-design-documents").rglob("*.*")}
    assert {".html", ".docx", ".pdf"} <= written


def test_the_table_has_every_area_with_its_verb_and_guide() -> None:
    context = click.Context(root)
    design = root.get_command(context, "design")
    assert isinstance(design, click.Group)
    verbs = set(design.list_commands(context))
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and "`" in line]
    assert len(rows) == len(AREAS)
    for verb in re.findall(r"`jalon design (\w+)`", "\n".join(rows)):
        assert verb in verbs
    guides = re.findall(r"\]\(design/(\w+)\.md\)", "\n".join(rows))
    assert sorted(guides) == sorted(area.name for area in AREAS)
