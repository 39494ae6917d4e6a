"""What LoRaWAN network servers say and take: ChirpStack v4 and The Things Stack v3.

`read` gives the same events for both; `downlink` writes for either, by the device's `route`: what
all its topics begin with.
"""

from __future__ import annotations

import json

from jalon.adapters.links.lorawan.codec import chirpstack, things_stack
from jalon.adapters.links.lorawan.codec.chirpstack import (
    COMMAND_FILTER,
    EVENT_FILTER,
    UPLINK_FILTER,
    encode,
    uplink_topic,
)
from jalon.adapters.links.lorawan.codec.events import (
    BadField,
    Delivery,
    Downlink,
    Event,
    Join,
    Log,
    NoDevice,
    NoValues,
    Reception,
    Stage,
    Status,
    Uplink,
    UplinkRefused,
)

__all__ = [
    "COMMAND_FILTER",
    "EVENT_FILTER",
    "EVENT_FILTERS",
    "THINGS_STACK_EVENTS",
    "UPLINK_FILTER",
    "UPLINK_FILTERS",
    "BadField",
    "Delivery",
    "Downlink",
    "Event",
    "Join",
    "Log",
    "NoDevice",
    "NoValues",
    "Reception",
    "Stage",
    "Status",
    "Uplink",
    "UplinkRefused",
    "decode",
    "downlink",
    "encode",
    "is_event_topic",
    "is_uplink_topic",
    "read",
    "route",
    "uplink_topic",
]

UPLINK_FILTERS = (UPLINK_FILTER, things_stack.UPLINK_FILTER)
"""MQTT topic filters of the uplinks of both."""
THINGS_STACK_EVENTS = things_stack.EVENT_FILTERS
EVENT_FILTERS = (EVENT_FILTER, *THINGS_STACK_EVENTS)
"""Of everything that `read` understands, uplinks among it."""


def is_uplink_topic(topic: str) -> bool:
    """Whether uplinks come on this topic: `application/<id>/device/<eui>/event/up`, or
    `v3/<app>@<tenant>/devices/<id>/up`."""
    return topic.endswith("/up") and is_event_topic(topic)


def is_event_topic(topic: str) -> bool:
    """Whether a network server tells something on this topic; `read` may still have no use for
    it."""
    return bool(chirpstack.TOPIC.fullmatch(topic) or things_stack.TOPIC.fullmatch(topic))


def read(topic: str, value: object) -> Event | None:
    """What a message says, given its parsed JSON; None when it is nothing for us, such as a
    location. Raises UplinkRefused."""
    if found := chirpstack.TOPIC.fullmatch(topic):
        return chirpstack.read(found[3], _object(value))
    if found := things_stack.TOPIC.fullmatch(topic):
        return things_stack.read(found[3], _object(value))
    return None


def decode(value: object) -> Uplink:
    """An uplink of either system, told apart by what it holds. Raises UplinkRefused."""
    event = _object(value)
    theirs = "uplink_message" in event or "end_device_ids" in event
    found = things_stack.read("up", event) if theirs else chirpstack.read("up", event)
    assert isinstance(found, Uplink)
    return found


def route(topic: str) -> str | None:
    """What all topics of the device begin with that this event is about: where its downlinks go.
    None when no network server tells something there."""
    found = chirpstack.TOPIC.fullmatch(topic) or things_stack.TOPIC.fullmatch(topic)
    return found[1] if found else None


def downlink(route: str, down: Downlink) -> tuple[str, bytes]:
    """The topic and the payload that queue a frame at the network server on this route."""
    write = things_stack.push if route.startswith("v3/") else chirpstack.command
    topic, body = write(route, down)
    return topic, json.dumps(body, separators=(",", ":")).encode()


def _object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise BadField("an event is a JSON object")
    return value
