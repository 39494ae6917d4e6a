"""Brings messages to devices: over our own broker, CoAP, and the broker of somebody else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, runtime_checkable

from jalon.adapters.links.mqtt.publisher import Publisher
from jalon.app import credentials
from jalon.app.downlinks import NotSent, Sender
from jalon.app.local import Endpoint
from jalon.app.tls import local_trust
from jalon.run.fleet import Device
from jalon.run.links import LinkAway, LinkDown
from jalon.vocab.errors import BrokerError, UsageError
from jalon.vocab.text import N_, Text

_TAKEN_S = 10.0
_ON_BOARD = ("cmd", "desired")
_PIECE = "/update/chunk/"
_IDLE_S = 20.0
"""A session is used again while it was used so lately; the broker asks for a sign of life later."""

Carry = Callable[[Device, str, bytes, bool], None]
"""Brings a message to a device: (device, leaf such as `cmd/<action>`, payload, retain). A leaf that
begins with `/` is a topic of the device's own, or of its broker. On return it was taken in charge.
Raises UsageError or NotSent when nothing has left, another BrokerError when that is not certain."""


@runtime_checkable
class Noticeboard(Protocol):
    """A link that keeps the last thing said to each device until it is asked for (CoAP)."""

    def publish(self, device: str, what: str, payload: bytes) -> None:
        """Say it; `what` is `cmd` or `desired`, and neither takes the other's place."""


class Carriers:
    """A Carry. `broker` is where our broker listens; `links` finds a link by its id. For any
    thread; `close` ends the session with the broker."""

    def __init__(
        self, folder: Path, broker: Endpoint, links: Callable[[str], object | None]
    ) -> None:
        self._folder = folder
        self._broker = broker
        self._links = links
        self._lock = threading.Lock()
        self._session: Publisher | None = None
        self._used = 0.0

    def __call__(self, device: Device, leaf: str, payload: bytes, retain: bool = False) -> None:
        """Hand over one message."""
        if device.dev_eui is not None:
            message = N_("{device} is a LoRaWAN device: it is told by downlinks only.")
            raise UsageError(Text(message, {"device": device.id}))
        if device.link is None and leaf.startswith("/"):
            self._by_broker(leaf[1:], payload, retain)
            return
        if device.link is None:
            self._by_broker(f"v1/{device.id}/{leaf}", payload, retain)
            return
        link = self._links(device.link)
        what = leaf.partition("/")[0]
        if isinstance(link, Noticeboard) and device.address is None and what in _ON_BOARD:
            link.publish(device.id, what, payload)
        elif isinstance(link, Sender) and leaf.startswith("/"):
            _send(link, leaf[1:], payload)
        else:
            message = N_("Nothing can be told to {device} over the link {link}.")
            raise UsageError(Text(message, {"device": device.id, "link": device.link}))

    def close(self) -> None:
        """Take leave of the broker."""
        with self._lock:
            self._drop()

    def _by_broker(self, topic: str, payload: bytes, retain: bool) -> None:
        with self._lock:
            try:
                session = self._open()
            except UsageError as refused:
                self._drop()
                raise NotSent(refused.text) from refused
            # Who asks for a piece of a package asks again. With QoS 1 the broker would keep every
            # piece of every device, in the stream that has to hold the readings.
            qos = 0 if _PIECE in topic else 1
            session.publish(credentials.COMMANDS, topic, payload, retain=retain, qos=qos)
            taken = session.flush(_TAKEN_S)
            self._used = time.monotonic()
            if not taken:
                self._drop()  # so that it cannot leave later, when nobody expects it
        if not taken:
            raise BrokerError(Text(N_("The broker has not taken the message in charge.")))

    def _open(self) -> Publisher:
        """The session with the broker, a new one after a pause: it may be dead by then."""
        if self._session is not None and time.monotonic() - self._used < _IDLE_S:
            self._session.poll(0)
            if self._session.connected:
                return self._session
        self._drop()
        at, user = self._broker, credentials.COMMANDS
        tls = local_trust(self._folder) if at.tls else None
        self._session = Publisher(at.near, at.port, tls=tls)
        self._session.open(user, credentials.password(self._folder, user))
        self._session.wait_connected()
        return self._session

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()


def _send(link: Sender, topic: str, payload: bytes) -> None:
    try:
        link.send(topic, payload)
    except LinkAway as away:
        raise NotSent(away.text) from away
    except LinkDown as down:
        raise BrokerError(down.text) from down
