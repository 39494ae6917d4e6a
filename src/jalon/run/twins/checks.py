"""Whether this file of the solution says what holds together."""

from __future__ import annotations

from collections.abc import Iterator

from jalon.run.known import Known
from jalon.run.twins.names import Vocabulary, check, groups_of
from jalon.run.twins.parsing import parse
from jalon.run.twins.query import QueryError
from jalon.run.twins.spec import GroupsFile
from jalon.vocab.finding import Mark, Remark, Severity
from jalon.vocab.references import repeated, unknown_each
from jalon.vocab.text import N_, Text

PART = "fleet/groups"


def check_groups(written: GroupsFile, known: Known) -> Iterator[Remark]:
    """Everything wrong or strange in it."""
    yield from repeated("groups.twice", PART, ("groups",), [one.id for one in written.groups])
    devices = [one.id for one in known.fleet.devices]
    words = Vocabulary(known.things, known.fleet, written.ids)
    for index, group in enumerate(written.groups):
        path = ("groups", index, "devices")
        message = N_("There is no device “{id}” in the fleet.")
        yield from unknown_each(
            "groups.unknown-device", PART, path, message, group.devices or (), devices
        )
        if group.query is not None:
            yield from _query(index, group.query, words)
    yield from _circles(written)


def _query(index: int, text: str, words: Vocabulary) -> Iterator[Remark]:
    try:
        check(parse(text), words)
    except QueryError as error:
        at = Mark(PART, ("groups", index, "query"), offset=error.at)
        yield Remark("groups.query", Severity.ERROR, at, error.reason, error.hint)


def _circles(written: GroupsFile) -> Iterator[Remark]:
    """A group that is looked for in itself has no devices that anybody could name."""
    uses = {
        one.id: {value.text for value in groups_of(parse(one.query))} if one.query else set()
        for one in written.groups
    }
    for index, group in enumerate(written.groups):
        reached: set[str] = set()
        ahead = set(uses[group.id])
        while ahead:
            reached |= ahead
            ahead = {far for near in ahead for far in uses.get(near, ())} - reached
        if group.id in reached:
            text = Text(N_("The group “{id}” is made of itself."), {"id": group.id})
            yield Remark(
                "groups.circle", Severity.ERROR, Mark(PART, ("groups", index, "query")), text
            )
