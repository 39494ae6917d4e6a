"""Webhooks of LoRaWAN network servers: under which MQTT topic an event would have come."""

from __future__ import annotations

from collections.abc import Mapping

from jalon.adapters.links.lorawan.codec import UplinkRefused, chirpstack, things_stack
from jalon.app.credentials import NETWORK_SERVER

CHIRPSTACK = NETWORK_SERVER
THINGS_STACK = "things-stack"
"""The accounts with which the network servers sign in."""


class NotUnderstood(ValueError):  # noqa: N818 - an outcome of what the sender sent
    """The event is not one that the network server writes."""


def topic_of(account: str, kind: str, event: Mapping[str, object]) -> str | None:
    """The topic of an event that `account` sent as `kind`; None for one of no use to us. Raises
    NotUnderstood."""
    try:
        if account == CHIRPSTACK:
            return chirpstack.topic_of(event, kind) if kind in chirpstack.KINDS else None
        return things_stack.topic_of(event)
    except UplinkRefused as refused:
        raise NotUnderstood(str(refused)) from None
