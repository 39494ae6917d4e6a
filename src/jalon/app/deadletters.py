"""Messages that could not become readings: looked at, and replayed once the cause is mended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, TypeAdapter

from jalon.app import routing
from jalon.app.codecs import open_codecs
from jalon.app.ingest import decode_whole
from jalon.app.local import read_run
from jalon.app.local_api import LocalApi, Query
from jalon.app.readings import open_store
from jalon.app.solution import Solution, load
from jalon.run.batch import DeadLetter, RawBatch, Reason
from jalon.run.intake import Intake
from jalon.run.ports import ReadingStore
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text
from jalon.vocab.times import from_ms

API_PATH = "/api/v1/deadletters"
_PAGE = 1000


class LetterShape(BaseModel):
    """A dead letter as it is shown. What is not UTF-8 in `payload` is written as `\\xff`."""

    id: int
    received: datetime
    topic: str
    device: str | None
    reason: Reason
    detail: str
    payload: str

    @classmethod
    def of(cls, letter: DeadLetter) -> LetterShape:
        """The shape of a letter."""
        return cls(
            id=letter.id,
            received=from_ms(letter.received_ms),
            topic=letter.topic,
            device=letter.device,
            reason=letter.reason,
            detail=letter.detail,
            payload=letter.payload.decode("utf-8", "backslashreplace"),
        )


class Replayed(BaseModel):
    """What a replay did: letters tried, values stored and known already, letters that stay and
    why."""

    tried: int = 0
    stored: int = 0
    duplicates: int = 0
    refused: dict[Reason, int] = {}


class Letters(Protocol):
    """The dead letters of a solution, running or not."""

    def waiting(self, reason: Reason | None, limit: int) -> list[LetterShape]:
        """The newest letters first."""

    def replay(self, reason: Reason | None, letter: int | None) -> Replayed:
        """Decode again with the files as they are now: all letters, those of one reason, or one.

        Raises UsageError when there is no letter of that id.
        """


@contextmanager
def open_letters(folder: Path) -> Iterator[Letters]:
    """Through the API while the solution runs, else in the store itself."""
    run = read_run(folder)
    if run is not None:
        yield ApiLetters(LocalApi(folder, run))
    else:
        with closing(open_store(folder)) as store:
            yield StoreLetters(store, folder)


class StoreLetters:
    """Works on the store of this process."""

    def __init__(self, store: ReadingStore, folder: Path) -> None:
        self._store = store
        self._folder = folder

    def waiting(self, reason: Reason | None, limit: int) -> list[LetterShape]:
        """The newest letters first."""
        return [LetterShape.of(letter) for letter in self._store.letters(reason, limit)]

    def replay(self, reason: Reason | None, letter: int | None) -> Replayed:
        """Decode again; the letters that succeed go, the others stay with their new reason."""
        solution = load(self._folder)
        if letter is None:
            return replay(self._store, solution, self._pages(reason))
        found = [one for one in self._store.letters(None, 1, letter + 1) if one.id == letter]
        if not found:
            raise UsageError(Text(N_("There is no dead letter {id}."), {"id": letter}))
        return replay(self._store, solution, [found])

    def _pages(self, reason: Reason | None) -> Iterator[list[DeadLetter]]:
        """From the newest down, so that letters written again are not met again."""
        before: int | None = None
        while page := self._store.letters(reason, _PAGE, before):
            before = page[-1].id
            yield page


class ApiLetters:
    """Asks the running solution."""

    def __init__(self, api: LocalApi) -> None:
        self._api = api

    def waiting(self, reason: Reason | None, limit: int) -> list[LetterShape]:
        """The newest letters first."""
        answer = self._api.read(API_PATH, [*_by(reason), ("limit", str(limit))])
        return TypeAdapter(list[LetterShape]).validate_json(answer)

    def replay(self, reason: Reason | None, letter: int | None) -> Replayed:
        """Let it decode them again."""
        query = [*_by(reason), *([] if letter is None else [("id", str(letter))])]
        return Replayed.model_validate_json(self._api.post(f"{API_PATH}/replay", query))


def replay(
    store: ReadingStore, solution: Solution, pages: Iterable[Sequence[DeadLetter]]
) -> Replayed:
    """Decode letters again and store what they say.

    What is refused again as before stays as it is; written anew it would push the oldest letters
    out when there are many. For another reason it is stored as a new letter before the old one
    goes, so that a crash in between loses nothing.
    """
    series = routing.by_name(store.declare(routing.specs(solution)))
    with open_codecs(solution) as codecs:
        intake = routing.intake(solution, series, codecs)
        return _replay(store, intake, pages)


def _replay(store: ReadingStore, intake: Intake, pages: Iterable[Sequence[DeadLetter]]) -> Replayed:
    total = Replayed()
    for page in pages:
        batch = RawBatch(
            [letter.topic for letter in page],
            [letter.payload for letter in page],
            [letter.received_ms for letter in page],
        )
        decoded = decode_whole(intake, batch)
        again = {_message(letter): letter for letter in decoded.letters}
        gone = [letter for letter in page if not _same(again.get(_message(letter)), letter)]
        changed = [again[_message(letter)] for letter in gone if _message(letter) in again]
        appended = store.append(decoded.columns, changed)
        store.drop_letters([letter.id for letter in gone])
        total.tried += len(page)
        total.stored += appended.stored
        total.duplicates += appended.duplicates
        for letter in decoded.letters:
            total.refused[letter.reason] = total.refused.get(letter.reason, 0) + 1
    return total


def _message(letter: DeadLetter) -> tuple[str, bytes, int]:
    return letter.topic, letter.payload, letter.received_ms


def _same(new: DeadLetter | None, old: DeadLetter) -> bool:
    return new is not None and (new.reason, new.detail) == (old.reason, old.detail)


def _by(reason: Reason | None) -> Query:
    return [] if reason is None else [("reason", reason.value)]
