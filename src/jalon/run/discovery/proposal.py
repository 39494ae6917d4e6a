"""What an announced device could be in the solution: a type and an entry of the fleet.

Its topics are written relative to an `address`, so that the next device of the same make has the
same type. Commands keep their topics too, in forms marked `writeproperty` or as actions.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from jalon.catalogues.device_classes import DeviceClass, device_class
from jalon.catalogues.units import UnitError, unit
from jalon.run.announcements import AnnouncedEntity, Announcement
from jalon.run.discovery.names import fresh, key_of, slug
from jalon.run.things import Action, Form, Property, PropertyType, ThingModel
from jalon.run.topic_mapping import FALSE, TRUE

CONTEXT = "https://www.w3.org/2022/wot/td/v1.1"


@dataclass(frozen=True, slots=True)
class Proposal:
    """`thing_id` names a type that there is already when one of those known is the same.

    `device_id`, `name` and `address` are for the fleet; where it is, a person says. `left_out` is
    what could not be understood, or of which the place is not known yet.
    """

    thing_id: str
    thing: ThingModel
    device_id: str
    name: str
    address: str
    left_out: tuple[AnnouncedEntity, ...] = ()


def propose(
    announcement: Announcement,
    things: Mapping[str, ThingModel] | None = None,
    devices: Collection[str] = (),
) -> Proposal:
    """A type and a device for what was announced; `things` and `devices` are those there are."""
    known = things or {}
    usable = [one for one in announcement.entities if _is_usable(announcement, one)]
    left_out = tuple(one for one in announcement.entities if one not in usable)
    topics = [topic for one in usable for topic in _topics(announcement, one)]
    address, where = _base(topics)
    thing = _thing(announcement, usable, where, address)
    same = next((name for name, one in known.items() if one == thing), None)
    name = announcement.called
    made_of = " ".join(filter(None, (announcement.manufacturer, announcement.model)))
    return Proposal(
        thing_id=same or fresh(slug(made_of or name), known),
        thing=thing,
        device_id=fresh(slug(name), devices),
        name=name,
        address=address,
        left_out=left_out,
    )


def _is_usable(announcement: Announcement, entity: AnnouncedEntity) -> bool:
    if entity.not_understood:
        return False
    told = (entity.state_topic, entity.command_topic)
    return any(told) and all(announcement.topic(topic) for topic in told if topic)


def _topics(announcement: Announcement, entity: AnnouncedEntity) -> list[str]:
    """Where its value is told, the places that are known."""
    told = (entity.state_topic, *entity.also_in)
    return [full for topic in told if topic and (full := announcement.topic(topic))]


def _base(topics: Sequence[str]) -> tuple[str, str]:
    """The address that topics have in common, and how a form says them: under it (`below`), with
    it in their middle (`{address}`), or in full (`full`)."""
    split = [topic.split("/") for topic in topics]
    if not split:
        return "", "full"
    common: list[str] = []
    for levels in zip(*split, strict=False):
        if len(set(levels)) > 1:
            break
        common.append(levels[0])
    if common:
        return "/".join(common), "below"
    for levels in zip(*split, strict=False):
        if len(set(levels)) == 1:
            return levels[0], "within"
    return topics[0], "full"


def _href(topic: str, address: str, where: str) -> str:
    if where == "below" and topic == address:
        return ""
    if where == "below" and topic.startswith(f"{address}/"):
        return topic[len(address) + 1 :]
    if where == "within" and address in topic.split("/"):
        levels = ["{address}" if level == address else level for level in topic.split("/")]
        return "/" + "/".join(levels)
    return f"/{topic}"


def _thing(
    announcement: Announcement, usable: Sequence[AnnouncedEntity], where: str, address: str
) -> ThingModel:
    properties: dict[str, Property] = {}
    actions: dict[str, Action] = {}
    classes = [one.device_class for one in usable if one.state_topic]
    for entity in usable:
        repeated = classes.count(entity.device_class) > 1
        titles = _titles(entity, repeated)
        commands = _command(announcement, entity, address, where)
        if entity.state_topic:
            told = [
                Form(href=_href(topic, address, where), **_words(entity))
                for topic in _topics(announcement, entity)
            ]
            if told == [Form(href="")]:
                told = []
            key = _free(_key(entity), properties)
            properties[key] = _property(entity, titles, [*told, *commands], key)
        else:
            key = _free(key_of(entity.key), actions)
            actions[key] = Action(title=titles["en"], titles=titles, forms=commands)
    name = " ".join(filter(None, (announcement.manufacturer, announcement.model)))
    return ThingModel.model_validate(
        {
            "@context": CONTEXT,
            "@type": "tm:ThingModel",
            "title": name or announcement.name or announcement.unique_id,
            "schema:manufacturer": announcement.manufacturer or None,
            "schema:model": announcement.model or None,
            "properties": properties,
            "actions": actions,
        }
    )


def _property(
    entity: AnnouncedEntity, titles: dict[str, str], forms: list[Form], key: str
) -> Property:
    known = _class(entity)
    numeric = entity.type in (PropertyType.NUMBER, PropertyType.INTEGER)
    low, high = entity.minimum, entity.maximum
    if numeric and known is not None and low is None and high is None:
        low, high = known.minimum, known.maximum
    # A value at the device's base topic is looked for under its name; elsewhere it may be bare.
    path = entity.path if entity.path and (entity.path != key or forms) else None
    return Property.model_validate(
        {
            "type": entity.type,
            "titles": titles,
            "unit": _unit(entity.unit) if numeric else None,
            "minimum": low,
            "maximum": high,
            "enum": list(entity.options) or None,
            "forms": forms,
            "jalon:path": path,
            "jalon:scale": entity.scale,
            "jalon:offset": entity.offset,
            "readOnly": not entity.command_topic,
        }
    )


def _command(
    announcement: Announcement, entity: AnnouncedEntity, address: str, where: str
) -> list[Form]:
    topic = announcement.topic(entity.command_topic) if entity.command_topic else ""
    if not topic:
        return []
    href = _href(topic, address, where)
    if not entity.state_topic:
        return [Form(href=href)]
    return [Form.model_validate({"href": href, "op": "writeproperty"})]


def _words(entity: AnnouncedEntity) -> dict[str, str]:
    """The device's words for true and false, when they are not everybody's."""
    if entity.words is None or _is_natural(entity):
        return {}
    return {"jalon:true": entity.words[0], "jalon:false": entity.words[1]}


def _is_natural(entity: AnnouncedEntity) -> bool:
    """Whether the words read as they are: usual ones, or booleans turned round. Zigbee2MQTT says
    `contact: true` of a closed door and calls that off; we keep what the device says."""
    on, off = entity.words or ("", "")
    return (on.lower() in TRUE and off.lower() in FALSE) or (on, off) == ("false", "true")


def _class(entity: AnnouncedEntity) -> DeviceClass | None:
    """Of a binary sensor first what the class means there: a low battery, not a battery."""
    found = None
    if entity.component == "binary_sensor":
        found = device_class(f"binary_{entity.device_class}")
    return found or device_class(entity.device_class) or device_class(entity.key)


def _titles(entity: AnnouncedEntity, repeated: bool) -> dict[str, str]:
    known = _class(entity)
    turned = entity.words == ("false", "true")
    if known is None or turned:
        return {"en": entity.name, "fr": entity.name}
    if not repeated:
        return {"en": known.en, "fr": known.fr}
    return {"en": entity.name, "fr": f"{known.fr} ({entity.name})"}


def _unit(announced: str) -> str | None:
    """The UCUM code of a unit; None for one that is none (`lqi`, `rpm`)."""
    text = announced.replace("\u03bc", "\u00b5").strip()
    try:
        return unit(text).code if text else None
    except UnitError:
        return None


def _key(entity: AnnouncedEntity) -> str:
    """The word that the device itself uses in its payload, else the one of its announcement."""
    last = entity.path.rpartition(".")[2] if "." not in entity.path else ""
    return key_of(last or entity.key)


def _free(key: str, taken: Mapping[str, object]) -> str:
    return fresh(key, taken).replace("-", "_")
