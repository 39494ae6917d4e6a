"""How far the solution answers standards, provision by provision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from jalon.catalogues.security_standards import (
    Provision,
    Standard,
    Status,
    standards,
)
from jalon.design.blueprint import Blueprint
from jalon.design.controls import Strength, strength
from jalon.design.spec.security import Answer, Control, Statement
from jalon.design.threats.features import features
from jalon.design.threats.treating import together
from jalon.vocab.text import N_, Text

_RECORDING = "5.0-1"
"""The provision of EN 303 645 that asks for this very record."""
_MAIN = "etsi-en-303-645"


class Standing(StrEnum):
    """How a provision stands. `PROVED`, `CLAIMED`, `PLANNED`, `FAILED`: by controls. `STATED`: a
    person says that it is followed. `JUSTIFIED`: not followed, with the reason. `GAP`: nothing
    answers. `UNSAID`: the files do not say whether it applies."""

    PROVED = "proved"
    CLAIMED = "claimed"
    STATED = "stated"
    PLANNED = "planned"
    FAILED = "failed"
    JUSTIFIED = "justified"
    GAP = "gap"
    UNSAID = "unsaid"
    NOT_APPLICABLE = "not-applicable"

    @property
    def covered(self) -> bool:
        """Whether something answers it today."""
        return self in (Standing.PROVED, Standing.CLAIMED, Standing.STATED)


STANDING_WORDS = {
    Standing.PROVED: N_("proved by tests"),
    Standing.CLAIMED: N_("done, not proved"),
    Standing.STATED: N_("stated by a person"),
    Standing.PLANNED: N_("planned"),
    Standing.FAILED: N_("a test failed"),
    Standing.JUSTIFIED: N_("not followed, with a reason"),
    Standing.GAP: N_("nothing answers"),
    Standing.UNSAID: N_("not said whether it applies"),
    Standing.NOT_APPLICABLE: N_("does not apply"),
}


@dataclass(frozen=True, slots=True)
class Covered:
    """One provision. `why` says why it applies or not, `feature` is the letter that decides it;
    `through` are provisions of EN 303 645 by whose controls it is answered."""

    standard: str
    provision: Provision
    standing: Standing
    why: Text
    feature: str = ""
    controls: tuple[str, ...] = ()
    through: tuple[str, ...] = ()
    statement: Statement | None = None

    @property
    def ref(self) -> str:
        """As controls and statements name it."""
        return f"{self.standard}:{self.provision.id}"


@dataclass(frozen=True, slots=True)
class Coverage:
    """A standard held against the solution. Shares are in per cent, None without a provision."""

    standard: Standard
    provisions: Sequence[Covered]

    @property
    def applying(self) -> list[Covered]:
        """All but those that do not apply."""
        return [one for one in self.provisions if one.standing is not Standing.NOT_APPLICABLE]

    @property
    def mandatory(self) -> list[Covered]:
        """Those that must be followed."""
        return [one for one in self.applying if one.provision.status is Status.MANDATORY]

    @property
    def open_mandatory(self) -> list[Covered]:
        """Mandatory ones that nothing answers and nothing justifies."""
        left = (Standing.GAP, Standing.FAILED, Standing.UNSAID)
        return [one for one in self.mandatory if one.standing in left]

    def count(self, standing: Standing) -> int:
        """How many stand so."""
        return sum(one.standing is standing for one in self.provisions)

    @property
    def covered_percent(self) -> int | None:
        """Of those that apply, how many are answered."""
        return _percent(sum(one.standing.covered for one in self.applying), len(self.applying))

    @property
    def proved_percent(self) -> int | None:
        """Of those that apply, how many are proved by tests."""
        return _percent(self.count(Standing.PROVED), len(self.applying))


@lru_cache(maxsize=4)
def coverage(blueprint: Blueprint) -> tuple[Coverage, ...]:
    """Each standard that security.yaml names, or all known ones."""
    wanted = blueprint.security.standards or list(standards())
    book = _Book(blueprint)
    return tuple(
        Coverage(standards()[name], book.of(standards()[name]))
        for name in dict.fromkeys(wanted)
        if name in standards()
    )


class _Book:
    """What answers provisions."""

    def __init__(self, blueprint: Blueprint) -> None:
        self._features = features(blueprint)
        self._controls: dict[str, list[Control]] = defaultdict(list)
        for control in blueprint.security.controls:
            for ref in dict.fromkeys(control.provisions):
                self._controls[ref].append(control)
        self._strengths: Mapping[str, Strength] = {
            one.id: strength(one, blueprint.results) for one in blueprint.security.controls
        }
        self._statements = {one.provision: one for one in blueprint.security.statements}

    def of(self, standard: Standard) -> list[Covered]:
        found = [self._one(standard, provision) for provision in standard.provisions]
        if standard.id == _MAIN:
            found = [_recording(one, found) if _is_recording(one) else one for one in found]
        return found

    def _one(self, standard: Standard, provision: Provision) -> Covered:
        ref = f"{standard.id}:{provision.id}"
        said = self._statements.get(ref)
        applies, why, feature = self._applies(provision, said)
        controls = list(self._controls.get(ref, ()))
        through: list[str] = []
        if not controls and standard.id != _MAIN:
            through = [one for one in provision.by if self._controls.get(f"{_MAIN}:{one}")]
            some = {c.id: c for one in through for c in self._controls[f"{_MAIN}:{one}"]}
            controls = list(some.values())
        worth = together(self._strengths[one.id] for one in controls)
        standing = _standing(applies, said, worth)
        names = tuple(one.id for one in controls)
        return Covered(standard.id, provision, standing, why, feature, names, tuple(through), said)

    def _applies(
        self, provision: Provision, said: Statement | None
    ) -> tuple[bool | None, Text, str]:
        """Whether it applies, why, and the letter of the feature that decides it, or ""."""
        if said and said.answer is Answer.NOT_APPLICABLE:
            return False, Text(N_("said in security.yaml")), ""
        if said:
            return True, Text(N_("said in security.yaml")), ""
        if not provision.features:
            return True, Text(N_("applies to every solution")), ""
        order = (False, None, True)
        letter = min(provision.features, key=lambda one: order.index(self._features[one].there))
        presence = self._features[letter]
        return presence.there, presence.why, letter


def _standing(applies: bool | None, said: Statement | None, worth: Strength | None) -> Standing:
    if applies is False:
        return Standing.NOT_APPLICABLE
    if said and said.answer is Answer.NOT_FOLLOWED:
        return Standing.JUSTIFIED
    if worth is not None:
        return Standing(worth.value)
    if said and said.answer is Answer.FOLLOWED:
        return Standing.STATED
    return Standing.GAP if applies else Standing.UNSAID


def _is_recording(one: Covered) -> bool:
    return one.provision.id == _RECORDING


def _recording(one: Covered, found: Sequence[Covered]) -> Covered:
    """The record is complete when no other provision is left open."""
    left = (Standing.GAP, Standing.UNSAID)
    open_ = [other for other in found if other.standing in left and not _is_recording(other)]
    if open_:
        why = Text(N_("this record has open provisions ({count})"), {"count": len(open_)})
        return Covered(one.standard, one.provision, Standing.GAP, why, statement=one.statement)
    why = Text(N_("this record answers every provision"))
    return Covered(one.standard, one.provision, Standing.PROVED, why, statement=one.statement)


def _percent(part: int, whole: int) -> int | None:
    return None if whole == 0 else part * 100 // whole
