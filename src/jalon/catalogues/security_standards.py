"""What standards and laws ask of a connected solution, provision by provision."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from types import MappingProxyType

from pydantic import Field

from jalon.catalogues.catalogue import Catalogue, Catalogued, catalogue
from jalon.vocab.text import Names

_FILES = ("etsi_en_303_645", "cra_annex_1", "owasp_iot", "anssi_hygiene", "en_18031")


class Status(StrEnum):
    """Mandatory or recommended."""

    MANDATORY = "M"
    RECOMMENDED = "R"


class Auto(StrEnum):
    """Whether a program can look, can look at a part, or only a person can."""

    COMPUTED = "computed"
    PARTLY = "partly"
    HUMAN = "human"


class Bilingual(Catalogued):
    """A name in both languages."""

    fr: str
    en: str

    @property
    def names(self) -> Names:
        """To be shown."""
        return Names({"fr": self.fr, "en": self.en})


class Provision(Bilingual):
    """One demand. It applies when all `features` are there; `by` are the provisions of
    EN 303 645 that answer it too."""

    id: str
    status: Status
    features: list[str] = Field(default_factory=list)
    by: list[str] = Field(default_factory=list)
    auto: Auto = Auto.HUMAN


class Standard(Catalogue, Bilingual):
    """A standard. `must_justify`: each mandatory provision that is not followed needs a reason."""

    id: str
    name: str
    must_justify: bool = False
    features: dict[str, Bilingual] = Field(default_factory=dict)
    groups: dict[str, Bilingual] = Field(default_factory=dict)
    provisions: list[Provision]


@cache
def standards() -> Mapping[str, Standard]:
    """All standards by id."""
    found = (catalogue(name, Standard) for name in _FILES)
    return MappingProxyType({one.id: one for one in found})


@cache
def provision_ids() -> frozenset[str]:
    """Every provision as `standard:provision`."""
    return frozenset(
        f"{standard.id}:{one.id}"
        for standard in standards().values()
        for one in standard.provisions
    )


@cache
def feature_names() -> Mapping[str, Names]:
    """What makes provisions apply, by the letters of the standards."""
    return MappingProxyType(
        {
            key: value.names
            for standard in standards().values()
            for key, value in standard.features.items()
        }
    )
