"""The journal in the registry: written by a thread of its own, repetitions on one line."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from jalon.adapters.stores.registry import NoteTable, Registry
from jalon.adapters.stores.registry.notes import KEPT, Repeated
from jalon.run.journal import REFUSALS, Kind, Note
from jalon.vocab.errors import StoreError

log = logging.getLogger(__name__)

TOGETHER_MS = 60_000
"""Repetitions within this time of the first are one line."""
STRANGERS = 300
"""Lines a minute and kind for those who are no device; more become one line without a name."""
REFUSED_EACH = 60
"""The same for what one device is refused: strangers that use its name are counted there too."""
WAITING = 20_000
"""Lines kept for a disk that does not take them; more are counted and lost."""
_EVERY_S = 0.5
_LONGEST = 500

_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""What turns a terminal's or a reader's head: strangers choose what they call themselves."""
_acting: ContextVar[str] = ContextVar("acting", default="")

_Key = tuple[Kind, str | None, str, str, tuple[tuple[str, str], ...]]


@contextmanager
def acting(person: str) -> Iterator[None]:
    """What is noted of devices and their identities while the context lasts was done by `person`:
    the line says so in its detail `by`."""
    token = _acting.set(person)
    try:
        yield
    finally:
        _acting.reset(token)


@dataclass(slots=True)
class _Line:
    kind: Kind
    device: str | None
    who: str
    address: str
    detail: dict[str, str]
    at_ms: int
    last_ms: int
    count: int = 1
    id: int = 0
    dirty: bool = True


class RegistryJournal:
    """See `run.journal.Journal`. Between `start` and `stop` notes reach the disk within a second;
    `read` writes what is waiting first, so it gives everything.

    `dropped` counts notes that were lost because the disk did not take them; `trouble` says why.
    """

    def __init__(self, registry: Registry, now_ms: Callable[[], int], kept: int = KEPT) -> None:
        self._table = NoteTable(registry, kept)
        self._now_ms = now_ms
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._lines: dict[_Key, _Line] = {}
        self._over: list[_Line] = []
        self._crowds: dict[tuple[Kind, str | None], tuple[int, int]] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self.dropped = 0
        self.trouble = ""

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Write what is left and end."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._write()

    def note(
        self,
        kind: Kind,
        device: str | None = None,
        *,
        who: str = "",
        address: str = "",
        **detail: str,
    ) -> None:
        """See the port."""
        now = self._now_ms()
        if (person := _acting.get()) and kind not in REFUSALS:
            detail["by"] = person
        cut = {name: _storable(text, _LONGEST) for name, text in detail.items()}
        who, address = _storable(who, 128), _storable(address, 64)
        key = (kind, device, who, address, tuple(sorted(cut.items())))
        with self._lock:
            line = self._lines.get(key)
            if line is None and not self._has_room(kind, device, now):
                key = (kind, device, "", "", ())
                cut = {}
                line = self._lines.get(key)
            if line is not None and now - line.at_ms < TOGETHER_MS:
                line.count += 1
                line.last_ms = now
                line.dirty = True
            elif len(self._lines) + len(self._over) >= WAITING:
                self.dropped += 1
            else:
                if line is not None and line.dirty:
                    self._over.append(line)
                self._lines.pop(key, None)  # so that lines are written in the order they began
                self._lines[key] = _Line(kind, device, key[2], key[3], cut, now, now)

    def read(
        self,
        device: str | None = None,
        kinds: frozenset[Kind] | None = None,
        limit: int = 100,
        before_id: int | None = None,
    ) -> list[Note]:
        """See the port."""
        self._write()
        return self._table.read(device, kinds, limit, before_id)

    def _has_room(self, kind: Kind, device: str | None, now: int) -> bool:
        if device is not None and kind not in REFUSALS:
            return True
        began, lines = self._crowds.get((kind, device), (now, 0))
        if now - began >= TOGETHER_MS:
            began, lines = now, 0
        self._crowds[kind, device] = (began, lines + 1)
        return lines < (STRANGERS if device is None else REFUSED_EACH)

    def _run(self) -> None:
        while not self._stop.wait(_EVERY_S):
            self._write()

    def _write(self) -> None:
        """Bring what has changed to the disk, and forget lines that are over."""
        with self._writing:
            with self._lock:
                changed = [line for line in self._lines.values() if line.dirty]
                changed = [*self._over, *changed]
                self._over = []
                notes = [_note(line) for line in changed]
                for line in changed:
                    line.dirty = False
            if not notes:
                self._forget()
                return
            new = [(line, note) for line, note in zip(changed, notes, strict=True) if not note.id]
            again = [Repeated(note.id, note.count, note.last_ms) for note in notes if note.id]
            try:
                ids = self._table.write([note for _line, note in new], again)
            except StoreError as error:
                if self.trouble != str(error):
                    log.warning("the journal cannot be written: %s", error)
                self.trouble = str(error)
                with self._lock:
                    for line in changed:
                        line.dirty = True
                    known = set(map(id, self._lines.values()))
                    self._over = [one for one in changed if id(one) not in known] + self._over
                return
            self.trouble = ""
            for one, note_id in zip(new, ids, strict=True):
                one[0].id = note_id
            self._forget()

    def _forget(self) -> None:
        over = self._now_ms() - TOGETHER_MS
        with self._lock:
            done = [
                key for key, line in self._lines.items() if not line.dirty and line.at_ms < over
            ]
            for key in done:
                del self._lines[key]
            gone = [crowd for crowd, (began, _lines) in self._crowds.items() if began < over]
            for crowd in gone:
                del self._crowds[crowd]


def _storable(text: str, longest: int) -> str:
    """Strangers may send half a character, which no database takes, and orders to terminals."""
    return _UNSEEN.sub("\ufffd", text[:longest].encode("utf-8", "replace").decode())


def _note(line: _Line) -> Note:
    return Note(
        line.kind,
        line.at_ms,
        line.device,
        who=line.who,
        address=line.address,
        detail=line.detail,
        count=line.count,
        last_ms=line.last_ms,
        id=line.id,
    )
