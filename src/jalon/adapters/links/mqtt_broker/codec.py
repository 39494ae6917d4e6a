"""What is asked of another MQTT broker, and what is taken of what it sends. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jalon.run.links import MAX_MESSAGE, external_topic

MAX_TOPIC_BYTES = 2048
"""Of a topic as it is on the road: a NATS subject stands in one line of at most 4096 bytes."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A subscription: `retained` says whether what was published before is wanted too."""

    filter: str
    retained: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """A message of the other broker. `number` is 0 for what needs no acknowledgement."""

    topic: str
    payload: bytes
    number: int = 0
    retained: bool = False


def is_filter(text: str) -> bool:
    """Whether a text is an MQTT topic filter, without `$share`."""
    levels = text.split("/")
    return (
        0 < len(text.encode()) <= 65_000
        and "\0" not in text
        and not text.startswith("$share/")
        and "#" not in "".join(levels[:-1])
        and all(len(level) == 1 or not {"+", "#"} & set(level) for level in levels)
    )


def matches(topic: str, filter_: str) -> bool:
    """Whether a topic is one of those that a filter stands for."""
    levels, wanted = topic.split("/"), filter_.split("/")
    if topic.startswith("$") and wanted[0] in ("+", "#"):
        return False
    for index, level in enumerate(wanted):
        if level == "#":
            return True
        if index >= len(levels) or level not in ("+", levels[index]):
            return False
    return len(levels) == len(wanted)


def wishes(topics: Sequence[str], discovery: Sequence[str], group: str | None) -> list[Wish]:
    """What to subscribe to. Announcements are not shared: a broker sends no retained messages to
    a shared subscription."""
    plain = dict.fromkeys(topics)
    shared = [Wish(one if group is None else f"$share/{group}/{one}", False) for one in plain]
    return shared + [Wish(one, True) for one in dict.fromkeys(discovery)]


def is_wanted(heard: Heard, discovery: Sequence[str]) -> bool:
    """A retained message is what was last said some time ago: it would be a new reading at each
    reconnection. Only announcements are taken retained."""
    return not heard.retained or any(matches(heard.topic, one) for one in discovery)


def on_road(link: str, heard: Heard) -> tuple[str, bytes] | None:
    """The message as it goes on the road; None for one that is too large for it."""
    topic = external_topic(link, heard.topic)
    if len(topic) > MAX_TOPIC_BYTES or len(heard.payload) > MAX_MESSAGE:
        return None
    return topic, heard.payload
