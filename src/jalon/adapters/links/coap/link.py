"""Devices that speak CoAP: a server they send to, and a client that observes them."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiocoap
from aiocoap.credentials import DTLS
from aiocoap.oscore_sitewrapper import OscoreSiteWrapper

from jalon.adapters.links.coap.codec import Malformed, Resource, resources
from jalon.adapters.links.coap.ferry import Ferry
from jalon.adapters.links.coap.observer import Observer
from jalon.adapters.links.coap.security import Contexts, DeviceContext, read_keys, secret_name
from jalon.adapters.links.coap.server import Devices, Door, Said, site
from jalon.adapters.links.coap.settings import Settings
from jalon.adapters.peers import is_loopback
from jalon.run.links import Host, LinkDown, LinkSettings, Member
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

__all__ = ["CoapLink", "Settings", "make"]

_LOOK_S = 0.2
_CCM_8 = "AES-CCM-16-64-128"


def make(settings: LinkSettings, members: Sequence[Member]) -> CoapLink:
    """The link of an entry of `links.yaml`. UsageError for a device whose address is none."""
    if not isinstance(settings, Settings):
        raise TypeError(settings)
    observed: list[Resource] = []
    for member in members:
        if member.device.address is None:
            continue  # it sends to us
        try:
            observed += resources(member)
        except ValueError:
            message = N_(
                "The address of {device} is no CoAP address, such as coap://10.0.0.7/sensors."
            )
            raise UsageError(Text(message, {"device": member.device.id})) from None
    return CoapLink(settings, [member.device.id for member in members], observed)


class CoapLink:
    """`devices` may have keys; `observed` are the resources of those that do not send."""

    def __init__(
        self, settings: Settings, devices: Sequence[str], observed: Sequence[Resource]
    ) -> None:
        self._settings = settings
        self._devices = devices
        self._observed = observed
        self._said: Said = {}
        self._reach: tuple[asyncio.AbstractEventLoop, Devices] | None = None

    def publish(self, device: str, what: str, payload: bytes) -> None:
        """Tell a device something: those who observe its `cmd` or `desired` (as `what` says) hear
        it at once, who asks later gets it then. From any thread."""
        self._said[device, what] = payload
        if self._reach is not None:
            loop, devices = self._reach
            loop.call_soon_threadsafe(devices.tell, device, what)

    def serve(self, host: Host) -> None:
        """Serve and observe until stopped. Raises LinkDown; see `Link`."""
        asyncio.run(self._serve(host))

    async def _serve(self, host: Host) -> None:
        ferry = Ferry(host.road)
        contexts = self._contexts(host)
        context = await self._open(host, ferry, contexts)
        # What senders do wrong is in the journal; the library would tell the log of each.
        context.log.setLevel(logging.ERROR)
        tasks: list[asyncio.Task[None]] = []
        try:
            self._protect_requests(context, contexts)
            for one in self._observed:
                observer = Observer(context, one, host, ferry, self._settings.poll_s)
                tasks.append(asyncio.create_task(observer.run()))
            host.up(self._detail(len(contexts)))
            tasks.append(asyncio.create_task(_until_stopped(host)))
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self._reach = None
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await context.shutdown()

    async def _open(self, host: Host, ferry: Ferry, contexts: Contexts) -> Any:
        settings = self._settings
        if settings.listen is None:
            return await aiocoap.Context.create_client_context(transports=["oscore", "udp6"])
        door = Door(host, is_loopback(settings.listen))
        devices = Devices(host, door, ferry, self._said)
        transports = ["oscore", "udp6"]
        if settings.dtls:
            self._add_dtls(host, contexts)
            transports.append("tinydtls_server")
        # udp6 also takes IPv4, under the addresses that IPv6 has for it.
        listen = "::" if settings.listen == "0.0.0.0" else settings.listen  # noqa: S104
        try:
            _probe(listen, settings.port)
            context = await aiocoap.Context.create_server_context(
                OscoreSiteWrapper(site(devices), contexts),
                bind=(listen, settings.port),
                server_credentials=contexts,
                transports=transports,
            )
        except OSError as error:
            message = N_("Port {port} of {listen} cannot be used ({reason}).")
            where = {"port": settings.port, "listen": settings.listen, "reason": str(error)}
            raise LinkDown(Text(message, where)) from error
        self._reach = (asyncio.get_running_loop(), devices)
        return context

    def _contexts(self, host: Host) -> Contexts:
        """The security contexts of the devices that have keys."""
        contexts = Contexts(host.journal)
        for device in self._devices:
            text = host.secret(secret_name(device))
            if text is None:
                continue
            try:
                keys = read_keys(device, text)
            except Malformed as wrong:
                message = N_("The secret {name} cannot be used: {reason}.")
                host.note(Text(message, {"name": secret_name(device), "reason": str(wrong)}))
                continue
            file = _place(host) / f"{device}.json"
            contexts[f":{device}"] = DeviceContext(
                device, keys, self._settings.algorithm, file, host.now_ms(), host.journal
            )
        if contexts and self._settings.algorithm == _CCM_8:
            message = N_(
                "OSCORE with {algorithm} has a tag of 64 bits, shorter than ANSSI recommends (R10):"
                " a derogation to write down, or choose AES-CCM-16-128-128."
            )
            host.note(Text(message, {"algorithm": _CCM_8}))
        return contexts

    def _protect_requests(self, context: Any, contexts: Contexts) -> None:
        """Requests to a device that has keys go protected; others only on this machine, or when
        the settings say so."""
        for one in self._observed:
            parts = urlsplit(one.uri)
            keys = contexts.get(f":{one.device}")
            if keys is not None:
                context.client_credentials[f"{parts.scheme}://{parts.netloc}/*"] = keys
            elif not (self._settings.unencrypted or is_loopback(parts.hostname or "")):
                message = N_(
                    "{device} would be observed without protection: give it keys (secret {name}),"
                    " or set `unencrypted: true`."
                )
                raise LinkDown(
                    Text(message, {"device": one.device, "name": secret_name(one.device)})
                )

    def _add_dtls(self, host: Host, contexts: Contexts) -> None:
        """Keys for DTLS, which needs a library that has to be compiled."""
        if find_spec("DTLSSocket") is None:
            message = N_(
                "CoAP over DTLS needs the Python package DTLSSocket, which is compiled when it is"
                " installed (autoconf and a C compiler). OSCORE needs nothing more."
            )
            raise LinkDown(Text(message))
        for device in self._devices:
            text = host.secret(f"coaps-{device}")
            if text is None:
                continue
            try:
                key = bytes.fromhex(text.strip())
            except ValueError:
                message = N_("The secret {name} is not in hexadecimal digits.")
                raise LinkDown(Text(message, {"name": f"coaps-{device}"})) from None
            contexts[device] = DTLS(psk=key, client_identity=device.encode())
        message = N_(
            "CoAP over DTLS uses PSK with AES_128_CCM_8, as RFC 7252 asks: no forward secrecy and"
            " a short tag, a derogation from ANSSI's R6 and R10 to write down."
        )
        host.note(Text(message))

    def _detail(self, protected: int) -> str:
        settings = self._settings
        listening = "" if settings.listen is None else f"{settings.listen}:{settings.port}"
        parts = [listening, f"OSCORE ×{protected}" if protected else ""]
        parts.append(f"observe ×{len(self._observed)}" if self._observed else "")
        return ", ".join(filter(None, parts))


async def _until_stopped(host: Host) -> None:
    while not host.stop.is_set():  # noqa: ASYNC110 - it is set by another thread
        await asyncio.sleep(_LOOK_S)


def _place(host: Host) -> Path:
    """Where our message numbers are written down."""
    if host.folder is None:
        raise LinkDown(Text(N_("There is no folder in which OSCORE's numbers could be kept.")))
    host.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return host.folder


def _probe(listen: str, port: int) -> None:
    """Raises OSError when somebody has the port: the library would share it, and half of the
    messages would go astray."""
    family, _, _, _, address = socket.getaddrinfo(listen, port, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.bind(address)
