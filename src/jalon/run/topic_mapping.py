"""Which MQTT topic speaks for which property: devices that keep the topics they were built with.

A device's `address` is its base topic; a property's forms say where it is under that. Without one
the value stands in the JSON object published at the base topic itself. Values are raw: what
`jalon:scale` and `jalon:offset` make of them is the intake's business, `jalon:path` is followed
here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from jalon.catalogues.units import is_unit
from jalon.run.batch import Reason
from jalon.run.codecs import json, senml
from jalon.run.codecs.entry import Refused
from jalon.run.fleet import Device, Fleet
from jalon.run.links import Member, external_topic
from jalon.run.things import Form, Property, PropertyType, ThingModel
from jalon.vocab.finding import Mark, Remark, Severity
from jalon.vocab.text import N_, Text

TRUE = frozenset({"true", "on", "1", "yes", "online", "open", "detected", "connected"})
FALSE = frozenset({"false", "off", "0", "no", "offline", "closed", "clear", "disconnected"})
NOTHING = frozenset({"", "null", "none", "unknown", "unavailable", "undefined", "nan"})
"""What devices write when they have no value: it is no reading, and no mistake."""
MAX_TOPIC = 512
_NUMBER = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?)\s*(\S.*)?")
_EARLIEST_MS = 946_684_800_000
_OURS = ("jalon:", "mqv:")
OURS = frozenset({"v1", "ext", "out", "application", "v3"})
"""First levels of the topics of devices, other brokers and network servers on our broker."""
_CANNOT_BE = re.compile(r"[\x00-\x20\x7f]")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the value of a property stands in the payload of a topic. `path` has the keys that
    lead to it, nothing when the payload may be the bare value; `words` are the device's own for
    true and false."""

    name: str
    type: PropertyType
    path: tuple[str, ...] = ()
    words: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """What one topic says: values of one device."""

    device: str
    places: tuple[Place, ...]

    def read(self, payload: bytes) -> object:
        """The values by property name, as the intake takes them (a JSON object, or a list of
        such objects, or a SenML pack); empty when the message has none of ours. Raises Refused
        when a value of ours cannot be what its property declares."""
        try:
            parsed: object = orjson.loads(payload)
        except orjson.JSONDecodeError:
            return self._bare(_text(payload))
        if isinstance(parsed, dict):
            return self._pick(parsed)
        if isinstance(parsed, list):
            items = [item for item in parsed if isinstance(item, dict)]
            if len(items) != len(parsed):
                raise Refused(Reason.MALFORMED, "an array may hold objects of properties only")
            return parsed if senml.is_senml(items) else [self._pick(item) for item in items]
        return self._bare(parsed)

    def _pick(self, parsed: Mapping[str, object]) -> dict[str, object]:
        found: dict[str, object] = {}
        for place in self.places:
            value = _walk(parsed, place)
            if value is None and not place.path and len(self.places) == 1:
                value = parsed.get("value")
            if value is not None and (meant := converted(value, place)) is not None:
                found[place.name] = meant
        time = parsed.get(json.TIME)
        if found and (isinstance(time, str) or (type(time) is int and time >= _EARLIEST_MS)):
            found[json.TIME] = time
        return found

    def _bare(self, value: object) -> dict[str, object]:
        """A value by itself is for the only property here that is not looked for in an object."""
        places = [place for place in self.places if not place.path]
        if len(places) != 1:
            raise Refused(Reason.MALFORMED, "expected a JSON object of properties")
        meant = None if value is None else converted(value, places[0])
        return {} if meant is None else {places[0].name: meant}


@dataclass(frozen=True, slots=True)
class Clash:
    """A device cannot be heard as it is written; `text` says why, `topic` is where."""

    device: str
    topic: str
    text: Text


@dataclass(frozen=True, slots=True)
class TopicMap:
    """`routes` by topic as it is on the road. Of two devices at one topic the first has it."""

    routes: Mapping[str, Route] = field(default_factory=dict)
    clashes: tuple[Clash, ...] = ()


def topic_map(members: Iterable[Member]) -> TopicMap:
    """The routes of devices with an `address`: of a link to another broker, or, without a link,
    of ours."""
    routes: dict[str, Route] = {}
    clashes: list[Clash] = []
    for member in members:
        device = member.device
        if device.dev_eui is not None:
            continue  # its address is where its network server tells of it
        for topic, places in topics_of(member).items():
            if fault := topic_fault(topic) or _fault_here(device, topic):
                clashes.append(Clash(device.id, topic, fault))
                continue
            heard = external_topic(device.link, topic) if device.link else topic
            other = routes.setdefault(heard, Route(device.id, places))
            if other.device != device.id:
                clashes.append(
                    Clash(
                        device.id,
                        topic,
                        Text(
                            N_("The topic {topic} already speaks for the device {device}."),
                            {"topic": topic, "device": other.device},
                        ),
                    )
                )
    return TopicMap(routes, tuple(clashes))


def check_topics(
    things: Mapping[str, ThingModel], fleet: Fleet, brokers: Collection[str]
) -> Iterator[Remark]:
    """Devices whose topics are none, or another's. `brokers` are the links to MQTT brokers."""
    members = [
        Member(device, things[device.thing])
        for device in fleet.devices
        if device.thing in things and (device.link is None or device.link in brokers)
    ]
    at = {device.id: index for index, device in enumerate(fleet.devices)}
    for clash in topic_map(members).clashes:
        mark = Mark("fleet/devices", ("devices", at[clash.device], "address"))
        yield Remark("fleet.topic", Severity.ERROR, mark, clash.text)


def topics_of(member: Member) -> dict[str, tuple[Place, ...]]:
    """Every topic that a device speaks on, as it is called on its own broker, and what is there;
    none for a device without `address`."""
    address = member.device.address
    found: dict[str, list[Place]] = {}
    if address is None:
        return {}
    for name, declared in member.thing.properties.items():
        if not declared.write_only:
            for form in _forms(declared.forms) or [None]:
                topic = joined(address, _href(form))
                found.setdefault(topic, []).append(_place(name, declared, form))
    return {topic: tuple(places) for topic, places in found.items()}


def joined(address: str, href: str) -> str:
    """The topic of a form: under the address, or from the root when it begins with a slash.
    `{address}` in it stands for the address."""
    if "{address}" in href:
        return href.replace("{address}", address).removeprefix("/")
    if href.startswith("/"):
        return href[1:]
    return f"{address.rstrip('/')}/{href}" if href else address


def topic_fault(topic: str) -> Text | None:
    """Why nobody can publish to a topic; None when it is fine."""
    if "+" in topic or "#" in topic or not {"*", ">"}.isdisjoint(topic.split("/")):
        return Text(
            N_("{topic} stands for many topics; a device has topics of its own."), {"topic": topic}
        )
    if not topic or "\0" in topic or len(topic) > MAX_TOPIC:
        return Text(
            N_("{topic} is no MQTT topic (1 to {most} characters)."),
            {"topic": repr(topic[:80]), "most": MAX_TOPIC},
        )
    return None


def _is_own_topic(topic: str) -> bool:
    """Whether a device of our broker may have it: it is no other's, and what is in it can be."""
    first = topic.partition("/")[0]
    return first not in OURS and first[:1] != "$" and not _CANNOT_BE.search(topic)


def _fault_here(device: Device, topic: str) -> Text | None:
    if device.link is not None or _is_own_topic(topic):
        return None
    return Text(
        N_(
            "{topic} cannot be a device's own topic: those begin with none of {words}, and have no"
            " space."
        ),
        {"topic": topic, "words": ", ".join((*sorted(OURS), "$"))},
    )


def converted(value: object, place: Place) -> object:
    """A value in the property's declared type; None when the device says that it has none.
    Raises Refused when it cannot be one."""
    if isinstance(value, str):
        return _of_text(value, place)
    if place.type is PropertyType.STRING and isinstance(value, bool | int | float):
        return orjson.dumps(value).decode()
    if place.type is PropertyType.BOOLEAN and place.words is not None:
        return _boolean(_written(value), place)
    return value


def _written(value: object) -> str:
    """A value as JSON, "…" for one that is nested too deep to be written."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return "…"


def _of_text(text: str, place: Place) -> object:
    plain = text.strip()
    match place.type:
        case PropertyType.BOOLEAN:
            return None if plain.lower() in NOTHING else _boolean(plain, place)
        case PropertyType.NUMBER | PropertyType.INTEGER:
            return None if plain.lower() in NOTHING else _number(plain, place)
        case _:
            return text


def _boolean(plain: str, place: Place) -> bool:
    if place.words is not None and plain in place.words:
        return plain == place.words[0]
    if plain.lower() in TRUE:
        return True
    if plain.lower() in FALSE:
        return False
    raise Refused(Reason.WRONG_TYPE, f"{place.name}: {plain[:40]!r} is neither true nor false")


def _number(plain: str, place: Place) -> object:
    """`23.5`, or `23.5 °C` as a value with its unit."""
    match = _NUMBER.fullmatch(plain)
    if match is None:
        raise Refused(Reason.WRONG_TYPE, f"{place.name}: {plain[:40]!r} is no number")
    number, unit = float(match[1]), match[2]
    if unit is None:
        return number
    if not is_unit(unit):
        raise Refused(Reason.WRONG_UNIT, f"{place.name}: {unit[:40]!r} is not a known unit")
    return {"value": number, "unit": unit}


def _text(payload: bytes) -> str:
    try:
        return payload.decode()
    except UnicodeDecodeError as bad:
        raise Refused(Reason.INVALID_UTF8, f"byte {bad.start}: {bad.reason}") from None


def _walk(parsed: Mapping[str, object], place: Place) -> object:
    """The value of a property in a JSON object; None when it is not there."""
    if not place.path:
        if place.type is PropertyType.OBJECT and place.name not in parsed:
            return dict(parsed) if "latitude" in parsed else None
        return parsed.get(place.name)
    value: object = parsed
    for key in place.path:
        if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        elif isinstance(value, dict):
            value = value.get(key)
        else:
            return None
    return value


def _place(name: str, declared: Property, form: Form | None) -> Place:
    """Without a path of its own, a property at the base topic is under its name."""
    path: tuple[str, ...] = ()
    if declared.path is not None:
        path = tuple(declared.path.split("."))
    extra = {} if form is None else form.model_extra or {}
    true, false = extra.get("jalon:true"), extra.get("jalon:false")
    words = None if true is None or false is None else (_word(true), _word(false))
    return Place(name, declared.type, path, words)


def _word(value: object) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _forms(forms: Sequence[Form]) -> list[Form | None]:
    """The forms that say where a value is told over MQTT: with no other protocol's words, no URL,
    and not for writing."""
    return [form for form in forms if "://" not in form.href and _tells(form.model_extra or {})]


def _tells(extra: Mapping[str, object]) -> bool:
    operations = extra.get("op")
    only_write = operations in ("writeproperty", ["writeproperty"])
    return not only_write and all(":" not in key or key.startswith(_OURS) for key in extra)


def _href(form: Form | None) -> str:
    if form is None:
        return ""
    extra = form.model_extra or {}
    return str(extra.get("mqv:filter") or extra.get("mqv:topic") or form.href)
