"""Looking into JSON that somebody else wrote: what is not as expected is left out."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime

_TAG = re.compile(r"<[^>]{0,2000}>")
MOST_TEXT = 4000


class NotUnderstood(ValueError):  # noqa: N818 - an outcome of what somebody else wrote
    """The file is not what its kind says."""


Fields = Mapping[str, object]


def load(content: bytes) -> object:
    """The JSON of a file. Raises NotUnderstood."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise NotUnderstood(str(error)) from error


def fields(value: object) -> Fields:
    """The object, an empty one when it is none."""
    return value if isinstance(value, dict) else {}


def entries(value: object) -> Iterator[Fields]:
    """The objects of a list."""
    for one in value if isinstance(value, list) else ():
        if isinstance(one, dict):
            yield one


def words(value: object) -> list[str]:
    """The texts of a list."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def text(value: object) -> str:
    """Plain text without markup, shortened; "" for anything but a text."""
    if not isinstance(value, str):
        return ""
    plain = html.unescape(_TAG.sub(" ", value[: 4 * MOST_TEXT]))
    return " ".join(plain.split())[:MOST_TEXT]


def address(value: object) -> str:
    """A web address that can be followed safely, else ""."""
    found = value if isinstance(value, str) else ""
    return found if re.match(r"https?://[^\s\"<>]+$", found) else ""


def day(value: object) -> date | None:
    """The day of an ISO 8601 time."""
    try:
        return datetime.fromisoformat(str(value).replace("Z", "+00:00")).date()
    except ValueError:
        return None
