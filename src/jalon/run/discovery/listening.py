"""Announcements of every kind, in whatever way they came."""

from __future__ import annotations

from urllib.parse import unquote

import orjson

from jalon.run.announcements import Announcement, Withdrawal
from jalon.run.discovery import home_assistant, tasmota

FILTERS = ("homeassistant/#", "tasmota/discovery/#")
"""MQTT topic filters of announcements."""
_EXTERNAL = "ext/"


def plain_topic(topic: str) -> str:
    """A topic on the road as the announcing device wrote it, on our broker or on another."""
    if not topic.startswith(_EXTERNAL):
        return topic
    return unquote(topic.removeprefix(_EXTERNAL).partition("/")[2])


def is_announcement(topic: str) -> bool:
    """Whether devices announce themselves on this topic of the road."""
    plain = plain_topic(topic)
    return home_assistant.is_topic(plain) or tasmota.is_topic(plain)


def read(topic: str, payload: bytes) -> Announcement | Withdrawal | None:
    """What a message on such a topic announces; None when it is nothing that Jalon could use,
    or no announcement at all. Never raises."""
    if not is_announcement(topic):
        return None
    plain = plain_topic(topic)
    if not payload.strip():
        return Withdrawal(plain)
    try:
        found = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(found, dict):
        return None
    if tasmota.is_topic(plain):
        return tasmota.read(plain, found)
    return home_assistant.read(plain, found)
