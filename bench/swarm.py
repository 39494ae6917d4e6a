"""Thousands of MQTT clients in one thread: they connect, keep quiet, and come back when cut off."""

from __future__ import annotations

import asyncio
import random
import resource
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_AT_ONCE = 200
"""Connections being made at a time, as a network with many devices behind it would."""
_ANSWER_S = 20.0
_PAUSE_S = (0.1, 1.0)


@dataclass(frozen=True, slots=True)
class Member:
    """A client: with a password, with a certificate (PEM files), or with both."""

    client_id: str
    user: str = ""
    password: str = ""
    files: tuple[Path, Path] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where to connect; `ca` is the file of the authority to trust, None for no encryption."""

    port: int
    ca: Path | None = None


@dataclass(slots=True)
class Swarm:
    """The clients, and what became of them: `inside` holds the numbers of those connected now."""

    place: Place
    members: Sequence[Member]
    topic: Callable[[Member], str] = lambda member: f"v1/{member.user}/telemetry"
    connects: int = 0
    refusals: int = 0
    acknowledged: int = 0
    inside: set[int] = field(default_factory=set)
    _told: asyncio.Event = field(default_factory=asyncio.Event)
    _loop: asyncio.AbstractEventLoop | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to connect, and to come back whenever cut off, until `stop`."""
        more_files()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._live()), daemon=True)
        self._thread.start()

    def publish(self) -> None:
        """Have every client that is inside, and each that comes in later, publish one message with
        QoS 1, again after a reconnection until it is acknowledged."""
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._told.set)

    def stop(self) -> None:
        """Close every connection."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    async def _live(self) -> None:
        self._loop = asyncio.get_running_loop()
        gate = asyncio.Semaphore(_AT_ONCE)
        contexts = {one.files: _context(self.place, one) for one in self.members}
        clients = [
            asyncio.create_task(self._client(number, contexts[one.files], gate))
            for number, one in enumerate(self.members)
        ]
        await asyncio.to_thread(self._stop.wait)
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)

    async def _client(
        self, number: int, context: ssl.SSLContext | None, gate: asyncio.Semaphore
    ) -> None:
        member = self.members[number]
        owed = True
        while True:
            writer = None
            try:
                async with gate:
                    reader, writer = await connected(self.place, member, context)
                self.connects += 1
                self.inside.add(number)
                owed = await self._stay(reader, writer, member, owed)
            except ConnectionRefusedError:
                self.refusals += 1
            except (OSError, TimeoutError, asyncio.IncompleteReadError):
                pass
            finally:
                self.inside.discard(number)
                if writer is not None:
                    writer.close()
            await asyncio.sleep(random.uniform(*_PAUSE_S))

    async def _stay(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        member: Member,
        owed: bool,
    ) -> bool:
        """Until it is cut off; whether a message is still to be acknowledged."""
        if owed:
            cut_off = asyncio.create_task(reader.read(4))
            told = asyncio.create_task(self._told.wait())
            await asyncio.wait([cut_off, told], return_when=asyncio.FIRST_COMPLETED)
            told.cancel()
            if not self._told.is_set():
                return True
            writer.write(_published(self.topic(member), member.client_id.encode()))
            answer = await cut_off
            if answer[:1] != b"\x40":
                return True
            self.acknowledged += 1
        while await reader.read(64):
            pass
        return False


def connect_all(place: Place, members: Sequence[Member], hold: Callable[[], None]) -> float:
    """Connect them all once, a few hundred at a time; the seconds it took. Calls `hold` while they
    are all connected. Raises OSError when one is not let in."""
    more_files()

    async def run() -> float:
        gate = asyncio.Semaphore(_AT_ONCE)
        contexts = {one.files: _context(place, one) for one in members}

        async def one(member: Member) -> asyncio.StreamWriter:
            async with gate:
                return (await connected(place, member, contexts[member.files]))[1]

        began = time.monotonic()
        writers = await asyncio.gather(*(one(member) for member in members))
        took = time.monotonic() - began
        hold()
        for writer in writers:
            writer.transport.abort()
        return took

    return asyncio.run(run())


async def connected(
    place: Place, member: Member, context: ssl.SSLContext | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A client that was let in. Raises ConnectionRefusedError when it was not, OSError."""
    async with asyncio.timeout(_ANSWER_S):
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", place.port, ssl=context, server_hostname="localhost" if context else None
        )
        try:
            writer.write(_connect(member))
            answer = await reader.readexactly(4)
        except BaseException:
            writer.transport.abort()
            raise
    if answer != b"\x20\x02\x00\x00":
        writer.transport.abort()
        raise ConnectionRefusedError(answer.hex())
    return reader, writer


def more_files() -> None:
    """Let this process, and those it starts, open as many connections as the system allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _context(place: Place, member: Member) -> ssl.SSLContext | None:
    if place.ca is None:
        return None
    context = ssl.create_default_context(cafile=str(place.ca))
    if member.files is not None:
        context.load_cert_chain(*member.files)
    return context


def _connect(member: Member) -> bytes:
    fields = [member.client_id]
    flags = 0x02
    if member.user:
        fields += [member.user, member.password]
        flags |= 0xC0
    body = b"\x00\x04MQTT\x04" + bytes([flags, 0, 0])
    body += b"".join(len(one.encode()).to_bytes(2, "big") + one.encode() for one in fields)
    return b"\x10" + bytes([len(body)]) + body


def _published(topic: str, payload: bytes) -> bytes:
    body = len(topic.encode()).to_bytes(2, "big") + topic.encode() + b"\x00\x01" + payload
    return b"\x32" + bytes([len(body)]) + body
