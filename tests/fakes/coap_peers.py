"""CoAP clients and devices for tests, on aiocoap."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiocoap
from aiocoap import oscore, resource
from aiocoap.options import Options
from aiocoap.optiontypes import OpaqueOption

from jalon.adapters.links.coap.security import DeviceContext, Keys, read_keys
from jalon.adapters.links.coap.server import SECRET_OPTION
from notebook import Notebook

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
        return await client.request(request).response

    return run(talk)
