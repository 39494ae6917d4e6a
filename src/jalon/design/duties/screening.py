"""Whether a data protection impact assessment is needed: nine criteria, each with its reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jalon.catalogues.dpia_criteria import dpia_criteria
from jalon.design.blueprint import Blueprint
from jalon.design.duties.data import HIGHLY_PERSONAL, SPECIAL, DataView, data_view
from jalon.design.spec.dpia import ScreenAnswer
from jalon.design.spec.privacy import PeopleKind, Processing
from jalon.vocab.entries import Wording
from jalon.vocab.text import N_, Text

VULNERABLE = frozenset(
    {
        PeopleKind.EMPLOYEES,
        PeopleKind.CHILDREN,
        PeopleKind.PATIENTS,
        PeopleKind.ELDERLY,
    }
)


@dataclass(frozen=True, slots=True)
class Screened:
    """One criterion: whether it holds, why, and who said so when it was a person."""

    id: str
    number: int
    name: Wording
    met: bool
    because: Text
    said: ScreenAnswer | None = None
    computed: bool = False


@dataclass(frozen=True, slots=True)
class Screening:
    """The nine criteria, and whether they call for an assessment."""

    criteria: Sequence[Screened]
    needed: bool

    @property
    def met(self) -> list[Screened]:
        """Those that hold."""
        return [one for one in self.criteria if one.met]


@lru_cache(maxsize=4)
def screen(blueprint: Blueprint) -> Screening:
    """The criteria computed from the tags of data and processings; people's answers go before."""
    view = data_view(blueprint)
    known = dpia_criteria()
    notes = blueprint.privacy.dpia
    answers = {one.id.value: one for one in (notes.screening if notes else ())}
    criteria = []
    for one in known.criteria:
        met, because = _COMPUTED[one.id](view)
        said = answers.get(one.id)
        criteria.append(
            Screened(
                one.id,
                one.number,
                one.name,
                said.met if said else met,
                because,
                said,
                met,
            )
        )
    needed = bool(view.personal) and sum(one.met for one in criteria) >= known.threshold
    return Screening(tuple(criteria), needed)


Answered = tuple[bool, Text]


def _tagged(test: Callable[[Processing], bool], no: str) -> Callable[[DataView], Answered]:
    def compute(view: DataView) -> Answered:
        found = [one.id for one in view.blueprint.privacy.processings if test(one)]
        if found:
            return True, Text(N_("So it is in {ids}."), {"ids": ", ".join(found)})
        return False, Text(no)

    return compute


def _sensitive(view: DataView) -> Answered:
    found = [one for one in view.personal if one.nature in SPECIAL | HIGHLY_PERSONAL]
    if not found:
        return False, Text(N_("No personal data is special, location, communications or finances."))
    natures = ", ".join(f"{one.id} ({one.nature})" for one in found)
    return True, Text(N_("Such data is collected: {natures}."), {"natures": natures})


def _large(view: DataView) -> Answered:
    bound = dpia_criteria().large_scale_people
    count = view.people_count(view.personal)
    params = {"count": count, "bound": bound}
    if count >= bound:
        return True, Text(N_("About {count} people; our own bound is {bound}."), params)
    return False, Text(N_("About {count} people; our own bound is {bound}."), params)


def _vulnerable(view: DataView) -> Answered:
    kinds = sorted(view.people_kinds(view.personal) & VULNERABLE)
    if not kinds:
        return False, Text(N_("No personal data is about people who can hardly refuse."))
    return True, Text(N_("The data is about {kinds}."), {"kinds": ", ".join(kinds)})


def _innovative(view: DataView) -> Answered:
    things = {thing for one in view.personal for thing, _ in view.properties.get(one.id, ())}
    if things:
        names = ", ".join(sorted(things))
        return True, Text(
            N_("Connected objects collect personal data: {things}."), {"things": names}
        )
    return False, Text(N_("No connected object collects personal data."))


_COMPUTED: Mapping[str, Callable[[DataView], Answered]] = {
    "scoring": _tagged(lambda one: one.scoring, N_("No processing rates or profiles persons.")),
    "decision": _tagged(
        lambda one: one.automated is not None and one.automated.significant,
        N_("No rule decides alone with a legal or similar effect on persons."),
    ),
    "monitoring": _tagged(
        lambda one: one.monitoring, N_("No processing is said to watch persons systematically.")
    ),
    "sensitive": _sensitive,
    "large-scale": _large,
    "combination": _tagged(
        lambda one: bool(one.combined_with), N_("No processing joins its data with other data.")
    ),
    "vulnerable": _vulnerable,
    "innovative": _innovative,
    "exclusion": _tagged(
        lambda one: one.excludes, N_("No processing keeps people from a right or a service.")
    ),
}
