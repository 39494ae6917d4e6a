"""What devices say of themselves when they announce themselves over MQTT, in one form whatever
their firmware: Home Assistant discovery (Zigbee2MQTT, ESPHome, Tasmota) and Tasmota's own.

A device often announces itself in many messages, one a value; `joined` puts them together.
`run.discovery` reads the messages and proposes a type and an entry of the fleet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from jalon.run.things import PropertyType


class Source(StrEnum):
    """Whose words were used."""

    HOME_ASSISTANT = "home-assistant"
    TASMOTA = "tasmota"


@dataclass(frozen=True, slots=True)
class AnnouncedEntity:
    """One value that the device reports, one command that it takes, or both.

    `announced_in` is the topic of the message that said so, `key` an identifier of it within the
    device. `state_topic` is "" for what only takes commands, `command_topic` for what only
    reports; `also_in` are more topics that say the same. `path` leads to the value inside a JSON
    payload ("" for the whole payload); it is then multiplied by `scale`, and `offset` is added.
    `unit` and `device_class` are as announced. `words` are what the device writes for true and
    false. `not_understood` is the template or the kind of entity
    that Jalon cannot use, "" when all is well: shown to the person, and not proposed.
    """

    announced_in: str
    component: str
    key: str
    name: str
    type: PropertyType
    state_topic: str = ""
    path: str = ""
    scale: float = 1.0
    offset: float = 0.0
    also_in: tuple[str, ...] = ()
    command_topic: str = ""
    unit: str = ""
    device_class: str = ""
    words: tuple[str, str] | None = None
    options: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    diagnostic: bool = False
    not_understood: str = ""


@dataclass(frozen=True, slots=True)
class Announcement:
    """A device as it describes itself. `unique_id` tells it from every other of its source;
    `via` is the `unique_id` of the gateway or bridge it speaks through, "" when there is none.
    `places` are beginnings of topics by the `{name}` with which topics of entities may begin:
    Tasmota says what it measures in one message and where in another."""

    source: Source
    unique_id: str
    name: str
    manufacturer: str = ""
    model: str = ""
    sw_version: str = ""
    via: str = ""
    entities: tuple[AnnouncedEntity, ...] = field(default=())
    places: Mapping[str, str] = field(default_factory=dict)

    @property
    def called(self) -> str:
        """Its name for the fleet's table, which people open in spreadsheets: never a formula."""
        return self.name.lstrip("=+-@ ") or self.unique_id.lstrip("=+-@ ")

    def topic(self, topic: str) -> str:
        """A topic of an entity, with its `{name}` filled in; "" when that is not known yet."""
        if not topic.startswith("{"):
            return topic
        name, _, rest = topic[1:].partition("}")
        return self.places[name] + rest if name in self.places else ""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What was announced in this topic is no more (an empty retained message)."""

    announced_in: str


def joined(known: Announcement | None, heard: Announcement) -> Announcement:
    """The device with what was heard last: a message replaces what it said before, and leaves
    what other messages said."""
    if known is None:
        return heard
    topics = {entity.announced_in for entity in heard.entities}
    kept = tuple(one for one in known.entities if one.announced_in not in topics)
    return Announcement(
        source=heard.source,
        unique_id=heard.unique_id,
        name=heard.name or known.name,
        manufacturer=heard.manufacturer or known.manufacturer,
        model=heard.model or known.model,
        sw_version=heard.sw_version or known.sw_version,
        via=heard.via or known.via,
        entities=kept + heard.entities,
        places={**known.places, **heard.places},
    )


def without(known: Announcement, gone: Withdrawal) -> Announcement | None:
    """The device without what was withdrawn; None when nothing is left of it."""
    kept = tuple(one for one in known.entities if one.announced_in != gone.announced_in)
    return replace(known, entities=kept) if kept else None
