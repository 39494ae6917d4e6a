"""Style sheets, scripts and pictures, held in memory and addressed by their content."""

from __future__ import annotations

import base64
import gzip
import hashlib
import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

_WEB = Path(__file__).parent
_KINDS = {".css", ".js", ".svg", ".txt", ".json"}
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is served. `integrity` goes into the tag that asks for it."""

    content: bytes
    packed: bytes
    media_type: str
    digest: str
    integrity: str


class Assets:
    """Every file of `static/` under its own path, and every page's files under `page/file`."""

    def __init__(self) -> None:
        self._by_path = {path: _read(file) for path, file in _files()}

    def url(self, path: str) -> str:
        """An address that changes with the content, so that it may be cached for ever."""
        return f"/static/{self._by_path[path].digest}/{path}"

    def integrity(self, path: str) -> str:
        """The hash a browser checks the file against."""
        return self._by_path[path].integrity

    def get(self, path: str) -> Asset | None:
        """The file at `path`, if there is one."""
        return self._by_path.get(path)

    def respond(self, request: Request, digest: str, path: str) -> Response | None:
        """The answer to a request for `path`; None when there is no such file."""
        asset = self.get(path)
        if asset is None or asset.digest != digest:
            return None
        headers = {"cache-control": _FOR_EVER, "vary": "accept-encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["content-encoding"] = "gzip"
            return Response(asset.packed, media_type=asset.media_type, headers=headers)
        return Response(asset.content, media_type=asset.media_type, headers=headers)


def _files() -> Iterator[tuple[str, Path]]:
    for root in (_WEB / "static", _WEB / "pages"):
        for file in sorted(root.rglob("*")):
            if file.suffix in _KINDS:
                yield file.relative_to(root).as_posix(), file


def _read(file: Path) -> Asset:
    content = file.read_bytes()
    return Asset(
        content=content,
        packed=gzip.compress(content, 9, mtime=0),
        media_type=mimetypes.guess_type(file.name)[0] or "application/octet-stream",
        digest=hashlib.sha256(content).hexdigest()[:16],
        integrity="sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode(),
    )
