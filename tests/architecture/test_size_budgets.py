"""The size budgets of the design. An exception is a debt: the list below may only get shorter."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src" / "jalon").rglob("*.py"))
MODULE_LINES, BODY_LINES, ARGUMENTS, METHODS = 400, 40, 7, 15
UNWANTED_NAMES = {"utils", "helpers", "core", "common", "manager", "util", "helper", "misc"}

EXCEPTIONS: dict[str, str] = {}
"""`module.py` or `module.py:name` → why. Only ever shrinks."""


def over_budget(source: Path, text: str) -> Iterator[tuple[str, str]]:
    """Every budget a module breaks, as (where, what)."""
    where = source.relative_to(ROOT / "src" / "jalon").as_posix()
    lines = text.count("\n")
    if lines > MODULE_LINES:
        yield where, f"{lines} lines, at most {MODULE_LINES}"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = [one for one in node.body if not _is_docstring(one)]
            size = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            if size > BODY_LINES:
                yield f"{where}:{node.name}", f"body of {size} lines, at most {BODY_LINES}"
            taken = node.args
            count = len(taken.posonlyargs) + len(taken.args) + len(taken.kwonlyargs)
            count -= bool(taken.args and taken.args[0].arg in ("self", "cls"))
            if count > ARGUMENTS:
                yield f"{where}:{node.name}", f"{count} arguments, at most {ARGUMENTS}"
        if isinstance(node, ast.ClassDef):
            methods = sum(
                isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) for one in node.body
            )
            if methods > METHODS:
                yield f"{where}:{node.name}", f"{methods} methods, at most {METHODS}"


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_keeps_to_its_budgets(source: Path) -> None:
    broken = [
        f"{where}: {what}"
        for where, what in over_budget(source, source.read_text("utf-8"))
        if where not in EXCEPTIONS
    ]
    assert broken == []


def test_an_exception_that_is_no_longer_needed_leaves_the_list() -> None:
    needed = {where for s in SOURCES for where, _ in over_budget(s, s.read_text("utf-8"))}
    assert set(EXCEPTIONS) - needed == set()


def test_the_budgets_bite() -> None:
    long = "def f(a, b, c, d, e, f, g, h):\n" + "    x = 1\n" * 41
    found = [what for _, what in over_budget(ROOT / "src" / "jalon" / "planted.py", long)]
    assert found == ["body of 41 lines, at most 40", "8 arguments, at most 7"]


def test_no_module_is_a_drawer_for_anything() -> None:
    assert [s for s in SOURCES if s.stem in UNWANTED_NAMES] == []
