"""The docs are kept true: links lead somewhere, every verb and option is explained."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from jalon.cli.shell import root

ROOT = Path(__file__).parents[2]
DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
VERBS = {
    name: root.get_command(click.Context(root), name)
    for name in root.list_commands(click.Context(root))
}


def commands(command: click.Command | None, path: str) -> list[tuple[str, click.Command]]:
    """A command and, for a group, those inside it, with their full names."""
    assert command is not None
    inside = command if isinstance(command, click.Group) else click.Group()
    context = click.Context(inside)
    names = inside.list_commands(context)
    found = {name: inside.get_command(context, name) for name in names}
    return [(path, command)] + [
        one for name, sub in found.items() for one in commands(sub, f"{path} {name}")
    ]


ALL = [one for name, command in VERBS.items() for one in commands(command, f"jalon {name}")]


@pytest.mark.parametrize("doc", DOCS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_to_a_file(doc: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", doc.read_text("utf-8"))
    assert [one for one in targets if not (doc.parent / one).exists()] == []


@pytest.mark.parametrize(("name", "command"), ALL, ids=[name for name, _ in ALL])
def test_every_verb_and_option_is_in_the_commands_page(name: str, command: click.Command) -> None:
    page = (ROOT / "docs" / "commands.md").read_text("utf-8")
    section = page.partition(f"## `{name}`")[2].partition("\n## ")[0]
    assert section, f"docs/commands.md has no section for {name}"
    options = [one.opts[-1] for one in command.params if isinstance(one, click.Option)]
    assert [one for one in options if one not in section] == []


def test_the_commands_page_knows_no_verb_that_is_gone() -> None:
    page = (ROOT / "docs" / "commands.md").read_text("utf-8")
    assert set(re.findall(r"^## `(.+)`", page, re.MULTILINE)) == {name for name, _ in ALL}


def test_every_module_named_in_the_tour_exists() -> None:
    tour = (ROOT / "docs" / "tour.md").read_text("utf-8")
    named = re.findall(r"`((?:app|adapters|catalogues|cli|design|run|vocab|web)/[\w/.]*)`", tour)
    assert len(named) > 20
    assert [one for one in named if not (ROOT / "src" / "jalon" / one).exists()] == []


def test_the_readme_shows_the_two_commands_and_the_makefile_has_them() -> None:
    readme, makefile = (
        (ROOT / "README.md").read_text("utf-8"),
        (ROOT / "Makefile").read_text("utf-8"),
    )
    for target in re.findall(r"`?make (\w+)`?", readme):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_decisions_are_numbered_without_gaps_and_dated() -> None:
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert [int(one.name[:4]) for one in records] == list(range(1, len(records) + 1))
    assert [
        one.name for one in records if not re.search(r"20\d\d-\d\d-\d\d", one.read_text("utf-8"))
    ] == []
