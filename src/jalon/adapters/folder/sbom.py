"""CycloneDX: the software that the solution is made of, as JSON files of sbom/."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from jalon.design.blueprint import Package


class NotCycloneDx(ValueError):  # noqa: N818 - an outcome of what somebody else wrote
    """The file is no bill of materials in that format."""


def packages(path: Path) -> list[Package]:
    """The components of a file, inner ones too. Raises NotCycloneDx, OSError."""
    try:
        found = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise NotCycloneDx(str(error)) from error
    if not isinstance(found, dict) or found.get("bomFormat") != "CycloneDX":
        raise NotCycloneDx("bomFormat")
    return list(_inside(found))


def _inside(part: dict[str, object]) -> Iterator[Package]:
    inner = part.get("components")
    for one in inner if isinstance(inner, list) else ():
        if not isinstance(one, dict):
            continue
        group, name = str(one.get("group") or ""), str(one.get("name") or "")
        whole = f"{group}/{name}" if group else name
        if name:
            yield Package(whole, str(one.get("version") or ""), str(one.get("purl") or ""))
        yield from _inside(one)
