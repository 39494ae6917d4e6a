"""Bytes on the wire: what protocols add to a payload, in a message and in a day.

Sources of the sizes: catalogues/protocols.yaml (OASIS MQTT, RFC 7252, 8446, 9147, 8613, IP).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from jalon.catalogues.protocols import protocols, securities
from jalon.design.sizing.lorawan import HEADER
from jalon.design.spec.sizing import ApplicationProtocol, Stack

SEGMENT = 1400
"""Bytes of payload in one packet; more is cut into several, each with its headers."""
_DAY_S = 86_400
_TCP_OPENING = 3
_TCP_CLOSING = 4


@dataclass(frozen=True, slots=True)
class DayVolume:
    """Bytes of one sender in a day, both ways, headers of IP included."""

    messages: float
    keepalive: float
    connections: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.messages + self.keepalive + self.connections


def mqtt_remaining(length: int) -> int:
    """Bytes of the MQTT fixed header: 1, and 1 to 4 of the remaining length (7 bits each)."""
    size = 1
    while length > 127:
        length >>= 7
        size += 1
    return 1 + size


def mqtt_publish(payload: int, topic: int, qos: int = 0, version5: bool = False) -> int:
    """Bytes of an MQTT PUBLISH; lengths in bytes. MQTT 5 has a byte of properties more."""
    rest = 2 + topic + (2 if qos else 0) + (1 if version5 else 0) + payload
    return mqtt_remaining(rest) + rest


def mqtt_connect(client_id: int, user: int = 0, password: int = 0) -> int:
    """Bytes of an MQTT 3.1.1 CONNECT and its CONNACK; 0 for a user or password that is not sent."""
    rest = 10 + 2 + client_id + sum(2 + one for one in (user, password) if one)
    return mqtt_remaining(rest) + rest + 4


def coap_post(payload: int, path: int, token: int = 4) -> int:
    """Bytes of a CoAP POST: header 4, token, Uri-Path and Content-Format options, 0xFF, payload."""
    options = (1 + path if path else 0) + 2
    return 4 + token + options + (1 + payload if payload else 0)


def exchange(stack: Stack, payload: int, topic: int) -> tuple[list[int], list[int]]:
    """Application bytes of one message: those of the sender, and those of the answers to it."""
    match stack.application:
        case ApplicationProtocol.MQTT | ApplicationProtocol.MQTT5:
            five = stack.application is ApplicationProtocol.MQTT5
            publish = mqtt_publish(payload, topic, stack.qos, five)
            return {
                0: ([publish], []),
                1: ([publish], [4]),
                2: ([publish, 4], [4, 4]),
            }[stack.qos]
        case ApplicationProtocol.COAP:
            return [coap_post(payload, topic)], [8]
        case ApplicationProtocol.HTTP:
            sizes = protocols().http
            return [sizes.request[1] + topic + payload], [sizes.response[1]]
        case ApplicationProtocol.LORAWAN:
            return [payload + HEADER], []
        case ApplicationProtocol.RAW:
            return [payload], []


def packet(stack: Stack) -> int:
    """Bytes of the headers of network and transport of one packet."""
    known = protocols()
    if stack.application is ApplicationProtocol.LORAWAN:
        return 0
    return known.networks[stack.network] + known.transports[stack.transport]


def on_wire(stack: Stack, size: int) -> int:
    """Bytes of one application message with its records and headers."""
    pieces = max(1, ceil(size / SEGMENT))
    return size + pieces * (securities()[stack.security].record + packet(stack))


def message_bytes(stack: Stack, payload: int, topic: int = 0) -> int:
    """Bytes of one message both ways: over TCP one empty acknowledgement closes the exchange."""
    there, back = exchange(stack, payload, topic)
    total = sum(on_wire(stack, size) for size in (*there, *back))
    return total + (packet(stack) if _is_tcp(stack) else 0)


def keepalive_bytes(stack: Stack) -> int:
    """Bytes of one sign of life: PINGREQ and PINGRESP of 2 bytes each with their records and
    headers, and the acknowledgement of TCP. Nothing for LoRaWAN."""
    if stack.application is ApplicationProtocol.LORAWAN:
        return 0
    return 2 * on_wire(stack, 2) + (packet(stack) if _is_tcp(stack) else 0)


def connection_bytes(stack: Stack, handshake: int | None = None, client_id: int = 16) -> int:
    """Bytes of a new connection: TCP opened and closed, the handshake of the security layer (by
    default that of the catalogue) in packets, and MQTT's CONNECT and CONNACK."""
    if stack.application is ApplicationProtocol.LORAWAN:
        return 0
    secured = securities()[stack.security].handshake if handshake is None else handshake
    total = secured + ceil(secured / SEGMENT) * packet(stack)
    if _is_tcp(stack):
        total += (_TCP_OPENING + _TCP_CLOSING) * packet(stack)
    if stack.application in (ApplicationProtocol.MQTT, ApplicationProtocol.MQTT5):
        total += mqtt_connect(client_id, client_id, 32) + 2 * (packet(stack))
    return total


def day_volume(
    stack: Stack,
    payload: int,
    messages: float,
    topic: int = 0,
    keepalive_s: float | None = None,
    connections: int | float = 0,
    handshake: int | None = None,
) -> DayVolume:
    """Bytes in a day: n·message + signs of life + new connections. A sign of life is sent after
    `keepalive_s` without a message, so those that a message makes needless do not count."""
    quiet = max(0.0, _DAY_S / keepalive_s - messages) if keepalive_s else 0.0
    return DayVolume(
        messages * message_bytes(stack, payload, topic),
        quiet * keepalive_bytes(stack),
        connections * connection_bytes(stack, handshake),
    )


def _is_tcp(stack: Stack) -> bool:
    return stack.transport.startswith("tcp")
