"""Who is meant: groups opened, rotas asked who is on call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from jalon.run.notices.spec import NotificationsFile, Override, Person, Rota
from jalon.run.notices.times import OpenAt, always, local_ms, next_inside, next_outside, within
from jalon.vocab.times import from_ms, to_ms


@dataclass(frozen=True, slots=True)
class Shift:
    """Who is on call in `[start_ms, end_ms)`; nobody while the rota is not staffed."""

    person: str | None
    start_ms: int
    end_ms: int


def _turn_start(rota: Rota, number: int) -> int:
    day = rota.starts + timedelta(days=number * rota.turn_days)
    return local_ms(day, rota.handover, rota.tz)


def _turn(rota: Rota, at_ms: int) -> int:
    """Which turn it is; the first is 0, negative before it."""
    days = (from_ms(at_ms).astimezone(rota.tz).date() - rota.starts).days
    number = days // rota.turn_days
    # A hand-over in a skipped hour may lie on either side of what the days say.
    while _turn_start(rota, number) > at_ms:
        number -= 1
    while _turn_start(rota, number + 1) <= at_ms:
        number += 1
    return number


def _span(rota: Rota, override: Override) -> tuple[int, int]:
    zone = rota.tz
    return to_ms(override.start.replace(tzinfo=zone)), to_ms(override.end.replace(tzinfo=zone))


def on_call(rota: Rota, at_ms: int, is_open: OpenAt = always) -> str | None:
    """Who is on call at that moment; None while it is not staffed."""
    return shift(rota, at_ms, is_open).person


def shift(rota: Rota, at_ms: int, is_open: OpenAt = always) -> Shift:
    """Who is on call at that moment, and until when nothing changes."""
    number = _turn(rota, at_ms)
    start, end = _turn_start(rota, number), _turn_start(rota, number + 1)
    person = rota.people[number % len(rota.people)]
    for override in rota.overrides:
        first, last = _span(rota, override)
        if first <= at_ms < last:
            person, start, end = override.person, max(start, first), min(end, last)
        elif last <= at_ms:
            start = max(start, last)
        else:
            end = min(end, first)
    if rota.hours is None:
        return Shift(person, start, end)
    if within(rota.hours, at_ms, rota.tz, is_open):
        return Shift(person, start, min(end, next_outside(rota.hours, at_ms, rota.tz, is_open)))
    opens = next_inside(rota.hours, at_ms, rota.tz, is_open)
    return Shift(None, start, opens if opens > at_ms else end)


def shifts(rota: Rota, at_ms: int, count: int, is_open: OpenAt = always) -> Iterator[Shift]:
    """Who is on call now and next: `count` different ones at most, neighbours joined."""
    current = shift(rota, at_ms, is_open)
    for _ in range(count * 50):
        if count == 0:
            return
        following = shift(rota, current.end_ms, is_open)
        if following.person == current.person:
            current = Shift(current.person, current.start_ms, following.end_ms)
            if len(set(rota.people)) == 1 and rota.hours is None and not rota.overrides:
                break
            continue
        yield current
        count -= 1
        current = Shift(following.person, max(following.start_ms, current.end_ms), following.end_ms)
    if count:
        yield current


def people(
    file: NotificationsFile, ids: Sequence[str], at_ms: int, is_open: OpenAt = always
) -> list[Person]:
    """Who is meant by ids of people, groups and rotas, each once, in order. What the file does not
    name is left out."""
    found: dict[str, Person] = {}
    groups = {one.id: one for one in file.groups}
    rotas = {one.id: one for one in file.rotas}
    waiting, seen = list(reversed(ids)), set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if (person := file.person(name)) is not None:
            found.setdefault(name, person)
        elif name in groups:
            waiting += reversed(groups[name].members)
        elif name in rotas:
            who = on_call(rotas[name], at_ms, is_open) or rotas[name].otherwise
            waiting += [who] if who else []
    return list(found.values())
