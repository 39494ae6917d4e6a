"""Whether what this file of the solution says holds together."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jalon.run.integrations.filling import places_of, unknown_places
from jalon.run.integrations.select import Select
from jalon.run.integrations.spec import (
    Export,
    HomeAssistant,
    Integration,
    IntegrationsFile,
    Republish,
    Webhook,
)
from jalon.run.known import Known
from jalon.vocab.finding import Mark, Path, Remark, Severity
from jalon.vocab.text import N_, Text

PART = "integrations"
TOPIC_PLACES = frozenset({"id", "site", "room", "thing", "device", "property"})


def check_integrations(written: IntegrationsFile, known: Known) -> Iterator[Remark]:
    """Everything wrong or strange in it."""
    seen: set[str] = set()
    for name, index, one in written.every():
        path: Path = (name, index)
        if one.id in seen:
            yield _error(
                "integrations.twice", (*path, "id"), N_("There is another integration {id}."), one
            )
        seen.add(one.id)
        yield from _select(one, path, known)
        match one:
            case Webhook(template=dict()):
                yield from _template(one, path)
            case Republish():
                yield from _topic(one, path)
            case Export() if one.zone is None and not known.fleet.sites:
                text = N_("Write the zone of {id}: there is no site to take it from.")
                yield _error("integrations.no-zone", path, text, one)
            case HomeAssistant() if one.commands and one.broker is None:
                text = N_("Every account of our broker that may publish to out/{id} can command.")
                yield _remark(Severity.INFO, "integrations.commands", path, text, one)


def _select(one: Integration, path: Path, known: Known) -> Iterator[Remark]:
    chosen: Select = one.select
    sites = {site.id for site in known.fleet.sites}
    named = (
        ("sites", chosen.sites, sites, N_("There is no site {word}.")),
        ("things", chosen.things, set(known.things), N_("There is no type {word}.")),
    )
    for key, words, there, text in named:
        for place, word in enumerate(words):
            if word not in there:
                at = Mark(PART, (*path, "select", key, place))
                yield Remark(
                    f"integrations.unknown-{key[:-1]}",
                    Severity.ERROR,
                    at,
                    Text(text, {"word": word}),
                )
    fits = any(
        chosen.takes(device, name)
        for device in known.fleet.devices
        if device.thing in known.things
        for name in known.things[device.thing].properties
    )
    if not fits and known.fleet.devices:
        text = N_("Nothing is selected for {id}: no property of any device fits.")
        yield _remark(Severity.WARNING, "integrations.nothing", (*path, "select"), text, one)


def _template(one: Webhook, path: Path) -> Iterator[Remark]:
    for word in sorted(unknown_places(one.template)):
        text = Text(N_("There is no place {{{word}}} in a template."), {"word": word})
        at = Mark(PART, (*path, "template"))
        yield Remark("integrations.unknown-place", Severity.ERROR, at, text)


def _topic(one: Republish, path: Path) -> Iterator[Remark]:
    at: Path = (*path, "topic")
    places = places_of(one.topic)
    if places - TOPIC_PLACES:
        text = N_("The places of a topic are {id}, {site}, {room}, {thing}, {device}, {property}.")
        yield Remark("integrations.unknown-place", Severity.ERROR, Mark(PART, at), Text(text))
    if re.search(r"[+#\0\s]", one.topic) or one.topic.startswith(("/", "$")):
        text = N_("A topic of {id} may not have spaces or wildcards, nor begin with / or $.")
        yield _error("integrations.topic", at, text, one)
    elif one.broker is None and not re.match(rf"out/(\{{id\}}|{re.escape(one.id)})/", one.topic):
        text = N_("On our own broker topics begin with out/{id}/.")
        yield _error("integrations.topic", at, text, one)
    elif not {"device", "property"} <= places:
        text = N_("Several values share a topic of {id}: name {{device}} and {{property}} in it.")
        yield _remark(Severity.WARNING, "integrations.shared-topic", at, text, one)


def _error(rule: str, path: Path, message: str, one: Integration) -> Remark:
    return _remark(Severity.ERROR, rule, path, message, one)


def _remark(severity: Severity, rule: str, path: Path, message: str, one: Integration) -> Remark:
    return Remark(rule, severity, Mark(PART, path), Text(message, {"id": one.id}))
