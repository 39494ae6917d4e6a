"""What decides whether duties apply: computed from all files, or answered by people."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jalon.catalogues.regulations import FactDefinition, regulations
from jalon.design.blueprint import Blueprint
from jalon.design.duties.data import SPECIAL, DataView, data_view, outside_eea
from jalon.design.duties.screening import screen
from jalon.design.spec.architecture import Component, Layer
from jalon.design.spec.privacy import LawfulBasis, Nature, PartyRole, PeopleKind
from jalon.design.spec.regulation import Answer, FactAnswer
from jalon.vocab.entries import Wording
from jalon.vocab.text import N_, Text

Known = tuple[bool | None, Text]
"""Whether it is so (None: not known), and why."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of the solution. `value` is None while nobody knows; `hint` says what suggests it.

    `computed` is what the files say by themselves, None where they say nothing: it may differ from
    the answer that people gave.
    """

    id: str
    question: Wording
    value: bool | None
    because: Text
    said: FactAnswer | None = None
    computed: bool | None = None
    shown: Text | None = None
    """Why the files say so, when they do."""
    hint: Text | None = None
    decides: Wording | None = None

    @property
    def contradicted(self) -> bool:
        """Whether people said no to what the files show."""
        return self.said is not None and self.computed is True and self.value is False


@lru_cache(maxsize=4)
def facts(blueprint: Blueprint) -> Mapping[str, Fact]:
    """Every fact of the catalogue, by id."""
    answers = {one.id: one for one in blueprint.regulation.answers}
    return {one.id: _fact(one, blueprint, answers.get(one.id)) for one in regulations().facts}


def _fact(known: FactDefinition, blueprint: Blueprint, said: FactAnswer | None) -> Fact:
    value: bool | None = None
    because = Text(N_("nobody has said yet"))
    if known.id in _COMPUTED:
        value, because = _COMPUTED[known.id](data_view(blueprint))
    computed, shown = value, because
    hint = None if known.computed else _suggestion(known, blueprint)
    if said is not None:
        value = {Answer.YES: True, Answer.NO: False, Answer.UNKNOWN: None}[said.answer]
        because = _answered(said)
    return Fact(
        known.id, known.question, value, because, said, computed, shown, hint, known.decides
    )


def _answered(said: FactAnswer) -> Text:
    if said.answer is Answer.UNKNOWN:
        return Text(N_("asked, but not known yet"))
    if said.by and said.on:
        return Text(N_("said by {by} on {on}"), {"by": said.by, "on": said.on})
    if said.by:
        return Text(N_("said by {by}"), {"by": said.by})
    return Text(N_("said in regulation.yaml"))


def _suggestion(known: FactDefinition, blueprint: Blueprint) -> Text | None:
    sector = blueprint.about.client.sector
    texts = [blueprint.about.client.name, sector.fr if sector else "", sector.en if sector else ""]
    found = _words(known.words, " ".join(text or "" for text in texts))
    if not found:
        return None
    return Text(N_("The client's sector has the word “{word}”: ask."), {"word": found[0]})


def _words(words: Sequence[str], text: str) -> list[str]:
    folded = text.casefold()
    return [word for word in words if re.search(rf"\b{re.escape(word.casefold())}", folded)]


def _named(ids: Sequence[str]) -> Text:
    shown = ", ".join(ids[:4]) + (", …" if len(ids) > 4 else "")
    return Text("{ids}", {"ids": shown})


def _any(ids: Sequence[str], yes: str, no: str) -> Known:
    """True with the ids in the sentence `yes`, which has a place for them; else False."""
    if ids:
        return True, Text(yes, {"ids": _named(list(dict.fromkeys(ids)))})
    return False, Text(no)


def _perception(view: DataView) -> list[Component]:
    built = view.blueprint.architecture.components
    return [one for one in built if one.layer is Layer.PERCEPTION]


def _connected(view: DataView) -> Known:
    sensors = {one.id for one in _perception(view)}
    flows = [one.id for one in view.blueprint.architecture.flows if one.from_ in sensors]
    found = flows or [one.id for one in view.blueprint.things.values() if one.devices]
    return _any(found, N_("devices send data: {ids}"), N_("no flow leaves a device"))


def _radio(view: DataView) -> Known:
    words = next(one.words for one in regulations().facts if one.id == "radio")
    blueprint = view.blueprint
    sensors = {one.id for one in _perception(view)}
    found = [one.id for one in _perception(view) if _words(words, f"{one.technology} {one.kind}")]
    found += [
        flow.id
        for flow in blueprint.architecture.flows
        if {flow.from_, flow.to} & sensors and _words(words, flow.protocol)
    ]
    found += [one.id for one in blueprint.things.values() if "lorawan" in one.protocols]
    return _any(found, N_("radio is used by {ids}"), N_("no device or flow names a radio"))


def _internet(view: DataView) -> Known:
    value, because = _connected(view)
    if not value:
        return False, because
    return True, Text(N_("their data reaches servers over other equipment"))


def _commands(view: DataView) -> Known:
    found = [one.id for one in view.blueprint.things.values() if one.actions]
    return _any(found, N_("actions are offered by {ids}"), N_("no device type has an action"))


def _web_pages(view: DataView) -> Known:
    built = view.blueprint.architecture.components
    found = [one.id for one in built if one.layer is Layer.APPLICATION]
    return _any(found, N_("the application layer has {ids}"), N_("no component of application"))


def _personal(view: DataView) -> Known:
    flows = [one.id for one in view.blueprint.architecture.flows if one.personal_data]
    found = [one.id for one in view.personal] + flows
    if not found and not view.blueprint.privacy.data:
        return None, Text(N_("privacy.yaml lists no data, and no flow is marked personal"))
    return _any(
        found,
        N_("people can be recognised by {ids}"),
        N_("every data of privacy.yaml is said to recognise nobody"),
    )


def _natured(*natures: Nature, yes: str, no: str) -> Callable[[DataView], Known]:
    def compute(view: DataView) -> Known:
        return _any([one.id for one in view.personal if one.nature in natures], yes, no)

    return compute


def _about(kind: PeopleKind) -> Callable[[DataView], Known]:
    def compute(view: DataView) -> Known:
        found = [one.id for one in view.personal if kind in view.people_kinds([one])]
        return _any(
            found, N_("{ids} is about them"), N_("no personal data is said to be about them")
        )

    return compute


def _consent(view: DataView) -> Known:
    done = view.blueprint.privacy.processings
    found = [one.id for one in done if one.basis is LawfulBasis.CONSENT]
    return _any(found, N_("consent is the basis of {ids}"), N_("no processing rests on consent"))


def _automated(view: DataView) -> Known:
    done = view.blueprint.privacy.processings
    found = [one.id for one in done if one.automated is not None]
    return _any(
        found, N_("decisions are automated in {ids}"), N_("no processing decides on persons alone")
    )


def _joint(view: DataView) -> Known:
    done = view.blueprint.privacy.processings
    found = [one.id for one in done if one.role is PartyRole.JOINT]
    return _any(found, N_("{ids} is decided jointly"), N_("no processing is joint"))


def _processors(view: DataView) -> Known:
    found = [one.id for one in view.blueprint.privacy.processors]
    return _any(found, N_("data is held or seen by {ids}"), N_("no processor is written down"))


def _transfers(view: DataView) -> Known:
    privacy = view.blueprint.privacy
    found = [one.id for one in privacy.processors if outside_eea(one.country)]
    found += [
        one.id
        for one in privacy.processings
        if any(outside_eea(to.country) for to in one.transfers)
    ]
    found += [
        holder
        for one in view.personal
        for holder in view.holders(one)
        if outside_eea(view.country(holder))
    ]
    return _any(found, N_("data leaves by {ids}"), N_("every country written down is in the EEA"))


def _dpia(view: DataView) -> Known:
    screening = screen(view.blueprint)
    because = Text(N_("{count} of nine criteria hold"), {"count": len(screening.met)})
    return screening.needed, because


def _hosted(view: DataView) -> Known:
    built = view.blueprint.architecture.components
    found = [one.id for one in built if one.id in view.hosts]
    return _any(found, N_("a third party hosts {ids}"), N_("no processor hosts a component"))


_COMPUTED: Mapping[str, Callable[[DataView], Known]] = {
    "connected": _connected,
    "radio": _radio,
    "internet": _internet,
    "commands": _commands,
    "web-pages": _web_pages,
    "personal-data": _personal,
    "sensitive-data": _natured(
        *SPECIAL, yes=N_("{ids} is special data"), no=N_("no data is said to be special")
    ),
    "location": _natured(
        Nature.LOCATION, yes=N_("{ids} is location"), no=N_("no personal data is a location")
    ),
    "children": _about(PeopleKind.CHILDREN),
    "employees": _about(PeopleKind.EMPLOYEES),
    "patients": _about(PeopleKind.PATIENTS),
    "consent": _consent,
    "automated-decision": _automated,
    "joint-controllers": _joint,
    "processors": _processors,
    "transfers": _transfers,
    "dpia-needed": _dpia,
    "hosted-elsewhere": _hosted,
}
