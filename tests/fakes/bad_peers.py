"""Other sides that do not answer, or answer nonsense."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
import tty
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager


def free_port() -> int:
    """A TCP port nobody has now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


class Ear:
    """Counts how often a bad peer was spoken to, and has answered as it does."""

    def __init__(self) -> None:
        self._times = 0
        self._changed = threading.Condition()

    def hear(self) -> None:
        """Once more."""
        with self._changed:
            self._times += 1
            self._changed.notify_all()

    def heard(self, times: int, within_s: float = 30) -> bool:
        """Wait until so often; whether that came in time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._times >= times, within_s)


@contextmanager
def unreachable() -> Iterator[int]:
    """A TCP port where connecting lasts and lasts: nobody takes what comes."""
    with ExitStack() as stack, socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]


@contextmanager
def tcp_talker(says: bytes | None, ear: Ear) -> Iterator[int]:
    """A TCP server that says this to whatever it hears, over and over; None: it says nothing."""
    ending = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening, ExitStack() as stack:
        listening.settimeout(0.05)

        def talk(connection: socket.socket) -> None:
            with connection, contextlib.suppress(OSError):
                connection.settimeout(0.05)
                while not ending.is_set():
                    with contextlib.suppress(TimeoutError):
                        if not connection.recv(65_536):
                            return
                        if says is not None:
                            connection.sendall(says)
                        ear.hear()

        def accept() -> None:
            while not ending.is_set():
                with contextlib.suppress(OSError):
                    _spawn(stack, talk, listening.accept()[0])

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        yield listening.getsockname()[1]
        ending.set()
        accepting.join(5)


@contextmanager
def udp_talker(says: bytes | None, ear: Ear) -> Iterator[int]:
    """The same over UDP."""
    ending = threading.Event()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock, ExitStack() as stack:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(0.05)

        def talk(_nothing: object) -> None:
            while not ending.is_set():
                with contextlib.suppress(OSError):
                    _data, address = sock.recvfrom(65_536)
                    if says is not None:
                        sock.sendto(says, address)
                    ear.hear()

        _spawn(stack, talk, None)
        yield sock.getsockname()[1]
        ending.set()
        stack.close()


@contextmanager
def serial_talker(says: bytes | None, ear: Ear) -> Iterator[str]:
    """The same on a serial line: the device file of our end."""
    ending = threading.Event()
    master, slave = os.openpty()
    tty.setraw(slave)
    with ExitStack() as stack:

        def talk(_nothing: object) -> None:
            while not ending.is_set():
                if select.select([master], [], [], 0.05)[0]:
                    os.read(master, 512)
                    if says is not None:
                        os.write(master, says[:512])
                    ear.hear()

        _spawn(stack, talk, None)
        yield os.ttyname(slave)
        ending.set()
    os.close(master)
    os.close(slave)


def _spawn(stack: ExitStack, talk: object, about: object) -> None:
    assert callable(talk)
    thread = threading.Thread(target=talk, args=(about,), daemon=True)
    thread.start()
    stack.callback(thread.join, 5)
