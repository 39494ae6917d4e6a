"""What requirements' measures can be about, and under which names values are given."""

from __future__ import annotations

from enum import StrEnum
from functools import cache

from jalon.catalogues.catalogue import Catalogue, Catalogued, catalogue
from jalon.vocab.text import Names


class Better(StrEnum):
    """The side of a bound on which one wants to be."""

    LOWER = "lower"
    HIGHER = "higher"
    EITHER = "either"


class Source(StrEnum):
    """Where a value can come from."""

    ESTIMATE = "estimate"
    PROTOTYPE = "prototype"
    OPERATION = "operation"


class MeasureSubject(Catalogued):
    """A subject. `unit` is a unit's code or a quotient of two; `parts` says that more words may
    follow its id, as in `retention.location`."""

    id: str
    fr: str
    en: str
    unit: str
    better: Better
    sources: list[Source]
    parts: bool = False

    @property
    def names(self) -> Names:
        """What it means, by language."""
        return Names({"fr": self.fr, "en": self.en})


class MeasureSubjects(Catalogue):
    """`measure_subjects.yaml`."""

    subjects: list[MeasureSubject]


@cache
def measure_subjects() -> dict[str, MeasureSubject]:
    """The whole list, by id."""
    return {one.id: one for one in catalogue("measure_subjects", MeasureSubjects).subjects}


def measure_subject(name: str) -> MeasureSubject | None:
    """The subject that `name` is, or is a part of; None for an unknown one."""
    known = measure_subjects()
    if name in known:
        return known[name]
    whole, dot, _part = name.rpartition(".")
    found = measure_subject(whole) if dot else None
    return found if found is not None and found.parts else None
