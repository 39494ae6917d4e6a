"""What a CoAP payload is on the road, and how a device's resources are named. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import orjson

from jalon.run.codecs.cbor import Cbor
from jalon.run.codecs.codec import Frame, Output
from jalon.run.codecs.entry import Refused
from jalon.run.links import Member, frame_topic, telemetry_topic
from jalon.run.topic_mapping import Route, topics_of

TEXT, OCTETS, JSON, CBOR, SENML_JSON, SENML_CBOR = 0, 42, 50, 60, 110, 112
"""Content formats of the IANA registry (RFC 7252, 8428, 8949)."""
ACCEPTED = (JSON, SENML_JSON, CBOR, SENML_CBOR, OCTETS)
MAX_PAYLOAD = 65_536
SCHEMES = ("coap", "coaps")


class Unsupported(ValueError):  # noqa: N818 - an outcome of what was sent
    """The content format is none of those accepted."""


class Malformed(ValueError):  # noqa: N818 - an outcome of what was sent
    """The payload is not what its content format says."""


@dataclass(frozen=True, slots=True)
class Resource:
    """Something to observe: `uri`, and how what it says becomes values of the device."""

    device: str
    uri: str
    route: Route


def message(device: str, content_format: int | None, payload: bytes) -> tuple[str, bytes]:
    """A payload that a device sent, as it goes on the road. JSON is looked at, not changed; CBOR
    becomes the JSON that says the same. Raises Unsupported or Malformed."""
    match content_format:
        case None | 50 | 110:
            _parsed(payload)
            return telemetry_topic(device), payload
        case 60 | 112:
            return telemetry_topic(device), orjson.dumps(_from_cbor(payload))
        case 42:
            if not payload:
                raise Malformed("no payload")
            return frame_topic(device), payload
        case _:
            known = ", ".join(str(one) for one in ACCEPTED)
            raise Unsupported(f"content format {content_format}; accepted: {known}")


def heard(resource: Resource, content_format: int | None, payload: bytes) -> bytes | None:
    """What an observed resource says, as telemetry in JSON; None when it has none of our values.
    Raises Unsupported or Malformed."""
    match content_format:
        case 60 | 112:
            text = orjson.dumps(_from_cbor(payload))
        case None | 0 | 50 | 110:
            text = payload
        case _:
            raise Unsupported(f"content format {content_format}")
    try:
        found = resource.route.read(text)
    except Refused as refused:
        raise Malformed(refused.detail) from None
    return orjson.dumps(found) if found else None


def resources(member: Member) -> list[Resource]:
    """What to observe of a device with an address, such as `coap://10.0.0.7/sensors`: the address
    itself or, where forms say so, what is under it. Raises ValueError for no such address."""
    parts = urlsplit(member.device.address or "")
    if parts.scheme not in SCHEMES or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(member.device.address)
    root = f"{parts.scheme}://{parts.netloc}"
    # Topics and paths are put together in the same way.
    there = member.device.model_copy(update={"address": parts.path.strip("/")})
    return [
        Resource(there.id, f"{root}/{path.strip('/')}", Route(there.id, places))
        for path, places in topics_of(Member(there, member.thing)).items()
    ]


def parse_json(text: str) -> Mapping[str, object]:
    """A JSON object. Raises Malformed."""
    found = _parsed(text.encode())
    if not isinstance(found, dict):
        raise Malformed("not a JSON object")
    return found


def _parsed(payload: bytes) -> object:
    if not payload.strip():
        raise Malformed("no payload")
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"line {error.lineno} column {error.colno}: {error.msg}") from None


def _from_cbor(payload: bytes) -> object:
    outcome = Cbor().decode([Frame(payload)])[0]
    if isinstance(outcome, Output):
        return outcome.values
    raise Malformed(outcome.detail)
