"""Fetch the browser libraries that Jalon carries: `python tools/vendor_assets.py`.

Uses the npm client as it is configured. What comes out is committed with its licence; a test
compares the files with the hashes in `manifest.json`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

VENDOR = Path(__file__).parents[1] / "src" / "jalon" / "web" / "static" / "vendor"


@dataclass(frozen=True)
class Library:
    """An npm package at one version, and the files of it that browsers need."""

    name: str
    version: str
    files: tuple[str, ...]


LIBRARIES = (
    Library("htmx.org", "2.0.11", ("dist/htmx.min.js",)),
    Library("uplot", "1.6.32", ("dist/uPlot.iife.min.js", "dist/uPlot.min.css")),
)


def integrity(content: bytes) -> str:
    """The hash in the form browsers check."""
    return "sha256-" + base64.b64encode(hashlib.sha256(content).digest()).decode()


def fetch(library: Library, into: Path) -> dict[str, object]:
    """Extract the library's files and licence; its entry of the manifest."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is needed for this, and only for this.")
    with tempfile.TemporaryDirectory() as scratch:
        wanted = f"{library.name}@{library.version}"
        subprocess.run([npm, "pack", "--silent", wanted], cwd=scratch, check=True)
        (archive,) = Path(scratch).glob("*.tgz")
        with tarfile.open(archive) as package:
            contents = {
                path: package.extractfile(f"package/{path}").read()  # type: ignore[union-attr]
                for path in (*library.files, "LICENSE", "package.json")
            }
    licence = f"{library.name}.LICENSE.txt"
    (into / licence).write_bytes(contents["LICENSE"])
    hashes = {}
    for path in library.files:
        file = into / Path(path).name
        file.write_bytes(contents[path])
        hashes[file.name] = integrity(contents[path])
    return {
        "name": library.name,
        "version": library.version,
        "licence": json.loads(contents["package.json"])["license"],
        "licence_file": licence,
        "files": hashes,
    }


def main() -> None:
    """Replace the vendored files and the manifest."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    manifest = [fetch(library, VENDOR) for library in LIBRARIES]
    (VENDOR / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
