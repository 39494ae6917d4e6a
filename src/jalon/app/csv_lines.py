"""A CSV file line by line, with the place of each line, and the file of the rejected ones."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from types import TracebackType

from jalon.run.batch import Reason
from jalon.run.codecs.entry import Refused
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

_DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Row:
    """One record: its cells, its first line (from 1) and its text as it stands in the file.
    `problem` says why it has no cells."""

    cells: list[str]
    line: int
    text: str
    problem: Refused | None = None


class CsvLines:
    """Reads records and knows where it is, so that reading can go on there another time.

    `offset` is the number of bytes and `line` of lines behind the last record. The delimiter is
    found in the header when it is not given; with `;` numbers may have a decimal `comma`.
    """

    def __init__(self, content: BufferedReader, delimiter: str | None) -> None:
        self._content = content
        self._taken: list[bytes] = []
        self.offset = 0
        self.line = 0
        first = content.readline().decode("utf-8-sig", "replace")
        self._delimiter = delimiter or max(_DELIMITERS, key=first.count)
        self.comma = self._delimiter == ";"
        content.seek(0)
        self._reader = csv.reader(self._lines(), delimiter=self._delimiter)
        try:
            self.header = next(self._reader)
        except (StopIteration, csv.Error):
            raise UsageError(Text(N_("The file is no CSV table: it has no header."))) from None
        self.header[:1] = [name.removeprefix("\ufeff") for name in self.header[:1]]

    def seek(self, offset: int, line: int) -> None:
        """Go on after a record whose place is known."""
        self._content.seek(offset)
        self.offset, self.line = offset, line
        self._reader = csv.reader(self._lines(), delimiter=self._delimiter)

    def rows(self, at_most: int) -> Iterator[Row]:
        """The next records; blank lines are none."""
        for _ in range(at_most):
            self._taken.clear()
            line, cells, problem = self.line + 1, [], None
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                problem = Refused(Reason.MALFORMED, str(error))
            raw = b"".join(self._taken)
            if cells or problem:
                yield Row(cells, line, _text(raw), problem or _not_text(raw))

    def _lines(self) -> Iterator[str]:
        for raw in self._content:
            self.offset += len(raw)
            self.line += 1
            self._taken.append(raw)
            yield raw.decode("utf-8", "replace")


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace").rstrip("\r\n")


def _not_text(raw: bytes) -> Refused | None:
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return Refused(Reason.INVALID_UTF8, f"byte {error.start}: {error.reason}")
    return None


class RejectedLines:
    """The file in which rejected lines wait to be mended: line, reason, detail, text. Use it as a
    context; it goes on after the first `keep` bytes."""

    def __init__(self, path: Path, keep: int) -> None:
        self._path = path
        self._keep = keep

    def __enter__(self) -> RejectedLines:
        self._path.touch(mode=0o600)
        os.truncate(self._path, min(self._keep, self._path.stat().st_size))
        self._file = self._path.open("a", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file)
        return self

    def write(self, row: Row, problems: Sequence[Refused]) -> None:
        """Note one line."""
        if self._file.tell() == 0:
            self._writer.writerow(["line", "reason", "detail", "text"])
        detail = "; ".join(problem.detail for problem in problems)
        self._writer.writerow([row.line, problems[0].reason.value, detail, row.text])

    def sync(self) -> int:
        """Write through to the disk; the bytes there are now."""
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._file.tell()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        if self._path.stat().st_size == 0:
            self._path.unlink()
