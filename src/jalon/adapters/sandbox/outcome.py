"""What the words of a codec mean for us. What it says is trusted as little as a device."""

from __future__ import annotations

import re

import orjson

from jalon.adapters.sandbox.child import Result, Status
from jalon.run.batch import Reason
from jalon.run.codecs.codec import Frame, Output
from jalon.run.codecs.entry import Refused

_WORDS = 300
_WARNINGS = 20
_DEPTH_LIMIT = 32
_PLACE = re.compile(r"<input>:(\d+):(\d+)")
_LARGEST_FRAME = 4096


def place(text: str) -> tuple[int, int] | None:
    """Line and column that an error of the engine names first, both from 1."""
    found = _PLACE.search(text)
    return (int(found[1]), int(found[2])) if found else None


def sentence(text: str) -> str:
    """The error without its stack, but with where it was thrown."""
    first = _short(text.partition("\n")[0])
    where = place(text)
    return f"{first} (line {where[0]}:{where[1]})" if where else first


def values(result: Result, function: str) -> Output | Refused:
    """What a decoded frame says."""
    said = said_by(result, function)
    if isinstance(said, Refused):
        return said
    data, warnings = said.get("data"), _strings(said.get("warnings"))
    errors = _strings(said.get("errors"))
    if errors:
        return Refused(Reason.CODEC, f"{function}: {'; '.join(errors)}")
    if isinstance(data, list):
        if not all(isinstance(one, dict) for one in data):
            return Refused(Reason.CODEC, f"{function}: data is a list of other things than objects")
        data = [_timed(one) for one in data] if function == "normalizeUplink" else data
    elif not isinstance(data, dict):
        what = "no data" if data is None else f"data that is no object ({_short(repr(data))})"
        return Refused(Reason.CODEC, f"{function}: {what}")
    elif function == "normalizeUplink":
        data = _timed(data)
    if _deep(data, _DEPTH_LIMIT):
        return Refused(Reason.CODEC_LIMIT, f"{function}: data is nested too deep")
    return Output(data, tuple(warnings))


def frame(result: Result, function: str) -> Frame:
    """The frame to send down. Raises Refused."""
    said = said_by(result, function)
    if isinstance(said, Refused):
        raise said
    errors = _strings(said.get("errors"))
    if errors:
        raise Refused(Reason.CODEC, f"{function}: {'; '.join(errors)}")
    numbers, port = said.get("bytes"), said.get("fPort")
    if not isinstance(numbers, list) or len(numbers) > _LARGEST_FRAME:
        raise Refused(Reason.CODEC, f"{function}: no bytes")
    for index, one in enumerate(numbers):
        if type(one) is not int or not 0 <= one <= 255:
            raise Refused(Reason.CODEC, f"{function}: bytes[{index}] is {_short(repr(one))}")
    if port is not None and (type(port) is not int or not 0 <= port <= 255):
        raise Refused(Reason.CODEC, f"{function}: fPort is {_short(repr(port))}")
    return Frame(bytes(numbers), port)


def said_by(result: Result, function: str) -> dict[str, object] | Refused:
    """The object that the codec's function returned; numbers JSON cannot hold became warnings."""
    status, text = result
    match status:
        case Status.FINE:
            return _parsed(text, function)
        case Status.FAILED:
            return Refused(Reason.CODEC, f"{function}: {sentence(text.decode(errors='replace'))}")
        case Status.LIMIT:
            words = sentence(text.decode(errors="replace"))
            return Refused(Reason.CODEC_LIMIT, f"{function}: {words}")
        case Status.DIED:
            return Refused(Reason.CODEC_LIMIT, f"{function}: ended by force, it did not stop")
        case Status.SKIPPED:
            return Refused(
                Reason.CODEC_LIMIT, f"{function}: suspended after failures at its limits"
            )


def _parsed(text: bytes, function: str) -> dict[str, object] | Refused:
    try:
        envelope = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return Refused(Reason.CODEC, f"{function}: the result is not JSON ({error.msg})")
    said = envelope.get("said") if isinstance(envelope, dict) else None
    if not isinstance(said, dict):
        return Refused(Reason.CODEC, f"{function}: the result is not an object")
    if lost := _strings(envelope.get("lost")):
        said["warnings"] = [*_strings(said.get("warnings")), *lost]
    return said


def _strings(value: object) -> list[str]:
    """TS013 wants lists of strings; one string, or a list of anything, is understood too."""
    if value is None or value in ("", [], {}, False):
        return []
    items = value if isinstance(value, list) else [value]
    texts = [one if isinstance(one, str) else _written(one) for one in items[:_WARNINGS]]
    return [_short(text) for text in texts]


def _written(value: object) -> str:
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # nested deeper than it can be written
        return "…"


def _short(text: str) -> str:
    return text if len(text) <= _WORDS else text[: _WORDS - 1] + "…"


def _timed(data: dict[str, object]) -> dict[str, object]:
    """Normalized values may have a `time`; ours is called `ts`."""
    if "time" not in data or "ts" in data:
        return data
    return {"ts": data["time"], **{name: one for name, one in data.items() if name != "time"}}


def _deep(value: object, allowed: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return not allowed or any(_deep(one, allowed - 1) for one in inner)
