"""Fetching sources of the watch, only when somebody asks for it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jalon.adapters.feeds import NotUnderstood, read
from jalon.adapters.outlets import webhook
from jalon.app.solution import load
from jalon.app.watch_files import FOLDER, HASHES, read_hashes
from jalon.design.spec.watch import Source, SourceKind
from jalon.run.notices.delivery import Undelivered
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

MOST_BYTES = 8 << 20
_ENDINGS = {SourceKind.FEED: "xml"}


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of a source: the file written, or why none was. `fresh`: it says something that
    the snapshot before did not."""

    source: str
    file: str = ""
    items: int = 0
    fresh: bool = False
    problem: Text | None = None


def fetch(folder: Path, today: date, only: str = "", *, private: bool = False) -> list[Fetched]:
    """Fetch every source that has an address, or `only` that one, and keep what came as today's
    snapshots. With `private`, addresses of this machine and the local network may be asked, and
    without encryption. Raises UsageError when nothing can be fetched."""
    watch = load(folder).blueprint.watch
    wanted = [one for one in watch.sources if one.url and only in ("", one.id)]
    if not wanted:
        raise UsageError(Text(N_("No such source of watch.yaml has a url.")))
    return [_fetch(folder, one, today, private) for one in wanted]


def _fetch(folder: Path, source: Source, today: date, private: bool) -> Fetched:
    request = webhook.Request("GET", source.url or "", private=private, most=MOST_BYTES + 1)
    try:
        content = webhook.send(request).body
        items = read(source.kind, source.id, content)
    except Undelivered as error:
        return Fetched(source.id, problem=error.text)
    except NotUnderstood as error:
        text = N_("What came is no “{kind}”: {reason}")
        return Fetched(source.id, problem=Text(text, {"kind": source.kind, "reason": str(error)}))
    if len(content) > MOST_BYTES:
        text = N_("It is larger than {size} MiB.")
        return Fetched(source.id, problem=Text(text, {"size": MOST_BYTES >> 20}))
    name = f"{source.id}.{today.isoformat()}.{_ENDINGS.get(source.kind, 'json')}"
    fresh = hashlib.sha256(content).hexdigest() not in read_hashes(folder).values()
    (folder / FOLDER).mkdir(exist_ok=True)
    (folder / FOLDER / name).write_bytes(content)
    _keep(folder, name, hashlib.sha256(content).hexdigest())
    return Fetched(source.id, f"{FOLDER}/{name}", len(items), fresh)


def _keep(folder: Path, name: str, digest: str) -> None:
    content = json.dumps(read_hashes(folder) | {name: digest}, indent=2, sort_keys=True) + "\n"
    (folder / HASHES).write_text(content, "utf-8")
