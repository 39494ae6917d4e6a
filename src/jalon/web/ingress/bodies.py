"""Bodies of requests: unpacked as they come, within bounds of size, time and memory."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.requests import ClientDisconnect, Request

from jalon.vocab.text import N_, Text
from jalon.web.problems import Refused

MAX_SENT = 1 << 20
MAX_INFLATED = 8 << 20
PATIENCE_S = 120.0
"""How long a body may take: 64 KiB over the slowest of radio networks."""
_PIECE = 1 << 16
_MEMBERS = 1_000
_TELLING = 2
_GZIP, _ZLIB, _RAW = 31, 15, -15
_ENCODINGS = {"gzip": (_GZIP,), "x-gzip": (_GZIP,), "deflate": (_ZLIB, _RAW)}


class Budget:
    """Bytes of bodies held in memory at a time, over all requests; for one event loop."""

    def __init__(self, limit: int = 64 << 20) -> None:
        self._limit = limit
        self.held = 0

    def take(self, size: int) -> None:
        """Hold so many more. Raises Refused (503) when there is no room."""
        if self.held + size > self._limit:
            raise Refused(503, Text(N_("Too much is being received at once.")), retry_s=5)
        self.held += size


class _Unpacker:
    """Inflates gzip (of several members too) and deflate, never more than it was asked for."""

    def __init__(self, windows: tuple[int, ...]) -> None:
        self._windows = windows
        self._inflater = zlib.decompressobj(windows[0])
        self._first = b""
        self._whole = True
        self._members = 0

    def feed(self, data: bytes, room: int) -> bytes:
        """What comes out; a byte more than `room` when it is too much. Raises zlib.error."""
        out = bytearray()
        while data and len(out) <= room:
            if self._whole:
                data = self._first + data
                if len(data) < _TELLING:
                    self._first = data
                    break
                self._begin(data)
            out += self._inflater.decompress(data, room + 1 - len(out))
            data = self._inflater.unconsumed_tail
            if self._inflater.eof:
                self._whole = True
                data = self._inflater.unused_data
        return bytes(out)

    def finish(self) -> None:
        """Raises zlib.error when the end is missing."""
        if not self._whole or self._first:
            raise zlib.error("the end is missing")

    def _begin(self, data: bytes) -> None:
        self._members += 1
        if self._members > _MEMBERS:
            raise zlib.error("too many parts")
        # `deflate` should be zlib's format, but some send it bare: two bytes tell them apart.
        is_zlib = data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
        self._inflater = zlib.decompressobj(self._windows[0 if is_zlib else -1])
        self._first = b""
        self._whole = False


@asynccontextmanager
async def body_of(request: Request, budget: Budget) -> AsyncIterator[bytes]:
    """The body, unpacked, while the context lasts. Raises Refused (400, 408, 413, 415, 503)."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "") and encoding not in _ENCODINGS:
        text = N_("The encoding {encoding} is not understood; send gzip, deflate or none.")
        raise Refused(415, Text(text, {"encoding": encoding[:40]}))
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length) > MAX_SENT:
        raise _too_large()
    body = bytearray()
    try:
        await _read(body, request, budget, encoding)
        yield bytes(body)
    finally:
        budget.held -= len(body)


async def _read(body: bytearray, request: Request, budget: Budget, encoding: str) -> None:
    try:
        async with asyncio.timeout(PATIENCE_S):
            await _fill(body, request, budget, _ENCODINGS.get(encoding))
    except TimeoutError:
        raise Refused(408, Text(N_("The request took too long to arrive."))) from None
    except ClientDisconnect:
        raise Refused(400) from None  # nobody will read it
    except zlib.error as error:
        text = N_("The body is not whole {encoding}: {reason}.")
        raise Refused(400, Text(text, {"encoding": encoding, "reason": str(error)})) from None


async def _fill(
    body: bytearray, request: Request, budget: Budget, windows: tuple[int, ...] | None
) -> None:
    unpacker = _Unpacker(windows) if windows else None
    sent = 0
    async for chunk in request.stream():
        sent += len(chunk)
        if sent > MAX_SENT:
            raise _too_large()
        for start in range(0, len(chunk), _PIECE):
            piece = chunk[start : start + _PIECE]
            if unpacker is not None:
                piece = unpacker.feed(piece, MAX_INFLATED - len(body))
            if len(body) + len(piece) > MAX_INFLATED:
                raise _too_large()
            budget.take(len(piece))
            body += piece
    if unpacker is not None:
        unpacker.finish()


def _too_large() -> Refused:
    text = N_(
        "A body has at most {sent} KiB as sent and {inflated} MiB unpacked; send it in parts."
    )
    return Refused(413, Text(text, {"sent": MAX_SENT >> 10, "inflated": MAX_INFLATED >> 20}))
