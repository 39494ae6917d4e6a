"""Built-ins that do I/O cannot be seen by the import contract; this looks for their calls."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "jalon"
PURE = [
    *(
        path
        for name in ("vocab", "design", "run", "steer", "prove")
        for path in (PACKAGE / name).rglob("*.py")
    ),
    *PACKAGE.glob("adapters/links/*/codec.py"),
    *PACKAGE.glob("adapters/links/*/codec/*.py"),
]
IO_CALLS = {"open", "print", "input", "exec", "eval", "__import__", "breakpoint"}
IO_METHODS = {
    "read_text",
    "write_text",
    "read_bytes",
    "write_bytes",
    "unlink",
    "mkdir",
    "rmdir",
    "touch",
}


def io_calls(text: str) -> list[str]:
    """Calls in a module that read or write outside the process."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in IO_CALLS:
                found.append(f"{node.lineno}: {node.func.id}()")
            elif isinstance(node.func, ast.Attribute) and node.func.attr in IO_METHODS:
                found.append(f"{node.lineno}: .{node.func.attr}()")
    return found


@pytest.mark.parametrize(
    "source", sorted(PURE), ids=lambda path: path.relative_to(PACKAGE).as_posix()
)
def test_a_domain_module_or_codec_does_no_io(source: Path) -> None:
    assert io_calls(source.read_text("utf-8")) == []


def test_the_check_sees_planted_io() -> None:
    assert io_calls("open('x')\np.read_text()\n") == ["1: open()", "2: .read_text()"]
