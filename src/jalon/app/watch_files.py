"""Snapshots of sources and bills of materials, as the analyses need them. Nothing is fetched."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from jalon.adapters.feeds import NotUnderstood, read
from jalon.adapters.folder.sbom import NotCycloneDx, packages
from jalon.design.blueprint import Package
from jalon.design.spec.watch import WatchFile
from jalon.design.spec.watched import Snapshot
from jalon.vocab.finding import Finding, Place, Severity
from jalon.vocab.text import N_, Text

FOLDER, SBOM = "watch", "sbom"
HASHES = "watch/hashes.json"
_NAME = re.compile(r"([A-Za-z0-9][A-Za-z0-9_-]{0,63})\.(\d{4}-\d{2}-\d{2})\.(xml|json|atom|rss)")
Note = Callable[[Finding], None]


def read_snapshots(folder: Path, watch: WatchFile, note: Note) -> Iterator[Snapshot]:
    """The snapshots of the sources in watch.yaml; what cannot be read is noted."""
    sources = {one.id: one for one in watch.sources}
    hashes = read_hashes(folder)
    for path in sorted((folder / FOLDER).glob("*")):
        name = f"{FOLDER}/{path.name}"
        if name == HASHES or path.name.startswith(".") or not path.is_file():
            continue
        found = _NAME.fullmatch(path.name)
        if found is None or found[1] not in sources:
            text = N_("Nothing reads this file: snapshots are named <source>.<day>.json or .xml.")
            note(Finding("watch.stray-file", Severity.WARNING, Place(name), Text(text)))
            continue
        try:
            on = date.fromisoformat(found[2])
            content = path.read_bytes()
            items = read(sources[found[1]].kind, found[1], content)
        except (OSError, ValueError, NotUnderstood) as error:
            text = N_("This snapshot cannot be read: {reason}")
            words = {"reason": str(error).splitlines()[0] if str(error) else "?"}
            note(Finding("watch.unreadable", Severity.WARNING, Place(name), Text(text, words)))
            continue
        digest = hashlib.sha256(content).hexdigest()
        kept = hashes[path.name] == digest if path.name in hashes else None
        if kept is False:
            text = N_("This snapshot is not what was fetched: its hash differs.")
            note(Finding("watch.changed", Severity.WARNING, Place(name), Text(text)))
        yield Snapshot(name, found[1], on, digest, tuple(items), kept)


def read_packages(folder: Path, note: Note) -> Iterator[Package]:
    """The software of every bill of materials in sbom/; what cannot be read is noted."""
    for path in sorted((folder / SBOM).glob("*.json")):
        try:
            yield from packages(path)
        except (OSError, NotCycloneDx) as error:
            text = N_("This is no CycloneDX bill of materials in JSON: {reason}")
            place = Place(f"{SBOM}/{path.name}")
            words = {"reason": str(error)}
            note(Finding("watch.unreadable", Severity.WARNING, place, Text(text, words)))


def read_hashes(folder: Path) -> dict[str, str]:
    """The SHA-256 that each file of watch/ had when it was fetched."""
    with contextlib.suppress(OSError, ValueError):
        found = json.loads((folder / HASHES).read_bytes())
        if isinstance(found, dict):
            return {str(name): str(digest) for name, digest in found.items()}
    return {}
