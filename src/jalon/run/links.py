"""Links: how devices that do not speak to our broker are heard, each kept apart from the others.

A link is a folder of `adapters/links/`. It holds one conversation with the outside at a time;
bringing it back, with growing pauses, is not its business.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from pydantic import Field

from jalon.run.fleet import Device
from jalon.run.identity import Decide
from jalon.run.journal import Journal
from jalon.run.things import ThingModel
from jalon.vocab.entries import Identifier, Strict
from jalon.vocab.text import Text

MAX_MESSAGE = 900_000
"""Bytes of a message on the road; the broker takes a little more. The intake reads far less."""
_PLAIN = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in "%+#")


class LinkSettings(Strict):
    """An entry of `links.yaml`. Each kind adds its own keys, `kind` (a Literal) among them."""

    id: Identifier = Field(description="Id by which devices name the link.")


class Bridge(Strict):
    """A gateway that connects to our broker with an account of its own and speaks for devices that
    cannot, such as Zigbee2MQTT. Issue its secret with `jalon credentials`."""

    id: Identifier = Field(description="Its account; no device may have the same id.")
    publish: list[str] = Field(description="MQTT topic filters it may publish to.")
    subscribe: list[str] = Field(
        default_factory=list, description="MQTT topic filters it may subscribe to."
    )


class Limits(Strict):
    """How much a device may send before it is cut off for a while. What was acknowledged is kept
    all the same."""

    messages_per_second: float = Field(default=100, gt=0, description="For long, at most this.")
    burst: int = Field(
        default=20_000, ge=1, description="At once, at most this: a device that was offline."
    )


class LinksFile(Strict):
    """The whole of `links.yaml`; the kinds of link there are, see `app.link_kinds`."""

    links: list[LinkSettings] = Field(default_factory=list, description="Every link.")
    bridges: list[Bridge] = Field(
        default_factory=list, description="Gateways with an account of our broker."
    )
    limits: Limits = Field(default_factory=Limits, description="What a device may send.")


class LinkDown(Exception):  # noqa: N818 - an outcome: the other side is gone or says no
    """The conversation has ended; `text` says why. It is tried again after a pause."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


class LinkAway(LinkDown):
    """What was to be sent has certainly not left."""


class RoadClosed(Exception):  # noqa: N818 - an outcome: nothing was accepted
    """The durable road takes nothing now (broker down, stream full): the sender must try again."""


class Road(Protocol):
    """Where links hand over what devices said. Safe to use from any thread."""

    def submit(self, messages: Sequence[tuple[str, bytes]], timeout_s: float = 10.0) -> None:
        """Store (MQTT topic, payload) pairs durably, in order; on return they survive a crash and
        the intake will read them. Raises RoadClosed when that is not certain for all of them;
        ValueError, and none is stored, for what can never be: a topic that NATS has not, a payload
        over MAX_MESSAGE."""


class Stop(Protocol):
    """Tells when to end; a `threading.Event` is one."""

    def is_set(self) -> bool:
        """Whether to end now."""

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until set, or for `timeout` seconds; whether it is set."""


@dataclass(frozen=True, slots=True)
class Member:
    """A device of a link with its type."""

    device: Device
    thing: ThingModel


@dataclass(frozen=True, slots=True)
class Host:
    """What a link is given to work with.

    `up` is to be called once each time the conversation stands, with what the operator may want
    to see (an address, a version). `note` tells the operator of something that did not end it.
    `secret` gives a secret by its name in the settings, None when the operator has not set it.
    `decide` says who may enter, for links that devices connect to; `journal` takes their refusals.
    In `folder` the link keeps what must survive a restart; the link makes it, for its user alone.
    """

    road: Road
    stop: Stop
    up: Callable[[str], None]
    note: Callable[[Text], None]
    secret: Callable[[str], str | None]
    now_ms: Callable[[], int]
    decide: Decide
    journal: Journal
    folder: Path | None = None


class Link(Protocol):
    """One entry of `links.yaml`, ready to work."""

    def serve(self, host: Host) -> None:
        """Connect, call `host.up`, and carry messages until `host.stop` is set; returns within a
        second of that. Raises LinkDown (or OSError) when the conversation ends by itself. Runs in
        a thread of its own and may be called again and again."""


LinkMaker = Callable[[LinkSettings, Sequence[Member]], Link]
"""Every link's module `link` has `Settings` (its kind of LinkSettings) and `make`, a LinkMaker.
`make` raises UsageError for a device that cannot be reached over this link as it is written."""


def telemetry_topic(device_id: str) -> str:
    """Where the values of a device arrive as JSON or SenML."""
    return f"v1/{device_id}/telemetry"


def frame_topic(device_id: str, port: int | None = None) -> str:
    """Where bytes for the codec of the device's type arrive, with the LoRaWAN FPort if any."""
    return f"v1/{device_id}/frame" if port is None else f"v1/{device_id}/frame/{port}"


def external_topic(link_id: str, topic: str) -> str:
    """Where a message of another broker arrives: apart from ours, so that it can only speak for
    the devices of its link. What NATS cannot carry (spaces, as in friendly names) is escaped."""
    return f"ext/{link_id}/{quote(topic, safe=_PLAIN)}"


@dataclass(frozen=True, slots=True)
class LinkState:
    """How a link is: `since_ms` is when it came up or went down, `trouble` why it is down.

    `detail` and `noted` are shown as they are; `messages` counts what it handed over.
    """

    up: bool
    since_ms: int
    detail: str = ""
    trouble: Text | None = None
    noted: Text | None = None
    messages: int = 0
    reconnects: int = 0
