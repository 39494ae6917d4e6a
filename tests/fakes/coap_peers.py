"""CoAP clients and devices for tests, on aiocoap."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiocoap
from aiocoap import resource
from aiocoap.optiontypes import OpaqueOption
from aiocoap.oscore import NotAProtectedMessage
from notebook import Notebook

from jalon.adapters.links.coap.security import DeviceContext, Keys, read_keys
from jalon.adapters.links.coap.server import SECRET_OPTION

MASTER = "000102030405060708090a0b0c0d0e0f"


def free_udp_port() -> int:
    """A port nobody has now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def turned(keys: Keys) -> Keys:
    """The same keys as the other side has them."""
    return Keys(keys.secret, keys.salt, keys.server, keys.device)


def context_of(device: str, folder: Path, algorithm: str = "AES-CCM-16-64-128") -> Any:
    """The security context that the device has."""
    keys = turned(read_keys(device, MASTER))
    return DeviceContext(device, keys, algorithm, folder / f"{device}-own.json", 0, Notebook())


def with_secret(message: Any, secret: str) -> Any:
    """A request that shows a password."""
    message.opt.add_option(OpaqueOption(SECRET_OPTION, secret.encode()))
    return message


def ask(code: Any, uri: str, payload: bytes = b"", format_: int | None = 50, **options: Any) -> Any:
    """A request."""
    return aiocoap.Message(
        code=code, uri=uri, payload=payload, content_format=format_ if payload else None, **options
    )


def run(talk: Callable[[Any], Awaitable[Any]]) -> Any:
    """Run a conversation with a client of its own."""

    async def whole() -> Any:
        client = await aiocoap.Context.create_client_context(transports=["oscore", "udp6"])
        try:
            return await asyncio.wait_for(talk(client), 30)
        finally:
            await client.shutdown()

    return asyncio.run(whole())


def answer(request: Any, protect: Any = None) -> Any:
    """The answer to one request, protected or not."""

    async def talk(client: Any) -> Any:
        if protect is not None:
            client.client_credentials[request.get_request_uri()] = protect
        try:
            return await client.request(request).response
        except NotAProtectedMessage as refused:  # said aloud, as there is nothing to hide
            return refused.plain_message

    return run(talk)


class Relay:
    """Carries datagrams between one client and a server, and keeps what the client sent."""

    def __init__(self, server_port: int) -> None:
        self.sent: list[bytes] = []
        self._near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._near.bind(("127.0.0.1", 0))
        self._near.settimeout(0.1)
        self._far = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._far.connect(("127.0.0.1", server_port))
        self._far.settimeout(0.1)
        self._client: Any = None
        self._ending = threading.Event()
        self._threads = [
            threading.Thread(target=self._forth, daemon=True),
            threading.Thread(target=self._back, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def port(self) -> int:
        """Where the client sends to."""
        number: int = self._near.getsockname()[1]
        return number

    def close(self) -> None:
        """End."""
        self._ending.set()
        for thread in self._threads:
            thread.join(5)
        self._near.close()
        self._far.close()

    def _forth(self) -> None:
        while not self._ending.is_set():
            try:
                data, self._client = self._near.recvfrom(4096)
            except OSError:
                continue
            self.sent.append(data)
            self._far.send(data)

    def _back(self) -> None:
        while not self._ending.is_set():
            try:
                self._near.sendto(self._far.recv(4096), self._client)
            except OSError:
                continue


def replay(datagram: bytes, port: int) -> bytes:
    """Send a recorded datagram from elsewhere; the answer."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.settimeout(10)
        other.sendto(datagram, ("127.0.0.1", port))
        return other.recv(4096)


class _Value(resource.ObservableResource):  # type: ignore[misc]
    def __init__(self, payload: bytes, format_: int | None, max_age: int) -> None:
        super().__init__()
        self.payload = payload
        self.format = format_
        self.max_age = max_age
        self.asked = 0

    async def render_get(self, _request: Any) -> Any:
        self.asked += 1
        return aiocoap.Message(
            payload=self.payload, content_format=self.format, max_age=self.max_age
        )


class _Unobservable(resource.Resource):  # type: ignore[misc]
    async def render_get(self, _request: Any) -> Any:
        return aiocoap.Message(payload=b"1.5", content_format=0)


class CoapDevice:
    """A device with resources of its own: `state` can be observed, `plain` only asked."""

    def __init__(self, port: int, max_age: int = 60, format_: int | None = 50) -> None:
        self.state = _Value(b'{"t":1}', format_, max_age)
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(10)

    def say(self, payload: bytes) -> None:
        """Have a new state, and tell who observes."""

        def change() -> None:
            self.state.payload = payload
            self.state.updated_state()

        self._loop.call_soon_threadsafe(change)

    def forget_observers(self) -> None:
        """As a device does that was restarted."""
        self._loop.call_soon_threadsafe(self.state._observations.clear)

    def close(self) -> None:
        """End."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        root = resource.Site()
        root.add_resource(["state"], self.state)
        root.add_resource(["plain"], _Unobservable())
        making = aiocoap.Context.create_server_context(
            root, bind=("127.0.0.1", self._port), transports=["udp6"]
        )
        context = self._loop.run_until_complete(making)
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(context.shutdown())
