"""Which devices the reader wants to see, in which order."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

from fastapi import Query

from jalon.app.diagnosis import is_battery
from jalon.app.fleet_search import is_query
from jalon.app.presence import State
from jalon.run.fleet import Device
from jalon.run.things import Property
from jalon.run.twins.parsing import LONGEST
from jalon.run.twins.query import QueryError
from jalon.vocab.reading import ValueKind
from jalon.vocab.text import N_
from jalon.web.context import Context

PAGE_SIZE = 50
SORTS = {"site": N_("Site"), "name": N_("Name"), "seen": N_("Last seen"), "state": N_("State")}
KEY_VALUES = 3
REFUSED = "refused"
"""The filter for devices that were refused in the last day, however they are heard."""
_STATE_ORDER = {State.SILENT: 0, State.NEVER: 1, State.REPORTING: 2, State.RETIRED: 3}


@dataclass(frozen=True, slots=True)
class Wish:
    """The filters of the form; unknown values find nothing rather than everything."""

    q: str = ""
    site: str = ""
    thing: str = ""
    state: str = ""
    sort: str = "site"
    page: int = 1


def wish(
    q: Annotated[str, Query(max_length=LONGEST)] = "",
    site: str = "",
    thing: str = "",
    state: str = "",
    sort: str = "site",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Wish:
    """The filters from the address."""
    return Wish(q.strip(), site, thing, state, sort if sort in SORTS else "site", page)


@dataclass(frozen=True, slots=True)
class Line:
    """A device with how it is heard, and whether it was refused in the last day."""

    device: Device
    state: State
    heard_ms: int | None
    refused: bool


@dataclass(frozen=True, slots=True)
class Selection:
    """One page of lines out of `total`."""

    lines: list[Line]
    total: int
    page: int
    pages: int
    ids: list[str]
    """Those on all pages."""
    slip: QueryError | None = None
    """Why the search cannot be understood."""


def select(context: Context, wanted: Wish) -> Selection:
    """Filter, sort, cut. Retired devices are there for those who ask for them."""
    asked = is_query(wanted.q)
    words = [] if asked else _plain(wanted.q).split()
    devices: Sequence[Device] = context.running.solution.fleet.devices
    slip = None
    if asked:
        try:
            devices = context.search.find(wanted.q)
        except QueryError as error:
            devices, slip = [], error
    lines = _lines(context, wanted, devices, words)
    _sort(lines, wanted.sort, context)
    pages = max(1, -(-len(lines) // PAGE_SIZE))
    page = min(wanted.page, pages)
    shown = lines[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return Selection(shown, len(lines), page, pages, [one.device.id for one in lines], slip)


def question(wanted: Wish) -> str:
    """The filters as one search in the language, for pages that act on many; "" when words or
    refusals are among them, of which it knows nothing."""
    if wanted.state == REFUSED or (wanted.q and not is_query(wanted.q)):
        return ""
    parts = [f"({wanted.q})"] if wanted.q else []
    parts += [
        f'{name} = "{value}"'
        for name, value in (("site", wanted.site), ("thing", wanted.thing))
        if value
    ]
    parts += [wanted.state] if wanted.state else []
    return wanted.q if len(parts) == 1 and wanted.q else " and ".join(parts)


def _lines(
    context: Context, wanted: Wish, devices: Sequence[Device], words: Sequence[str]
) -> list[Line]:
    lines = []
    for device in devices:
        if wanted.site and device.site != wanted.site:
            continue
        if wanted.thing and device.thing != wanted.thing:
            continue
        if words and not _matches(context, device, words):
            continue
        heard = context.presence.heard(device)
        state = context.presence.state(device, heard)
        if state is State.RETIRED and wanted.state != State.RETIRED and not is_query(wanted.q):
            continue
        is_refused = context.presence.is_refused(device, heard)
        if wanted.state and not (is_refused if wanted.state == REFUSED else state == wanted.state):
            continue
        lines.append(Line(device, state, heard, is_refused))
    return lines


def key_properties(context: Context, device: Device) -> list[tuple[str, Property]]:
    """The few numbers that say how the device's surroundings are; the battery is told apart."""
    return [
        (name, prop)
        for name, prop in context.running.solution.properties(device).items()
        if prop.kind is ValueKind.NUMBER and not is_battery(name)
    ][:KEY_VALUES]


def battery(context: Context, device: Device) -> tuple[str, Property] | None:
    """The property that tells how much energy is left."""
    properties = context.running.solution.properties(device)
    return next(((n, p) for n, p in properties.items() if is_battery(n)), None)


def _sort(lines: list[Line], by: str, context: Context) -> None:
    lines.sort(key=lambda line: _plain(line.device.name))
    if by == "site":
        lines.sort(key=lambda line: _plain(context.running.solution.site(line.device.site).name))
    elif by == "seen":
        lines.sort(key=lambda line: line.heard_ms or 0)
    elif by == "state":
        lines.sort(key=lambda line: _STATE_ORDER[line.state])


def _matches(context: Context, device: Device, words: Sequence[str]) -> bool:
    room = context.running.solution.room(device)
    parts = [device.id, device.name, device.dev_eui or "", room.name if room else "", *device.tags]
    text = _plain(" ".join([*parts, context.running.solution.site(device.site).name]))
    return all(word in text for word in words)


@lru_cache(maxsize=50_000)  # the same names at each request, thousands of them
def _plain(text: str) -> str:
    """Without accents and case, so that `ecole` finds `École`."""
    return "".join(
        c for c in unicodedata.normalize("NFKD", text.lower()) if c.isalnum() or c in " -"
    )
