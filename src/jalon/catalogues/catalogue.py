"""The one loader of catalogues: YAML files beside this module, read once.

Every catalogue says where its knowledge comes from: `source`, `edition`, `as_of`; an entry that
comes from elsewhere says so itself.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib.resources import files
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field

C = TypeVar("C", bound="Catalogue")


class Catalogued(BaseModel):
    """A part of a catalogue; a wrong key is a mistake of ours and fails at once."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Catalogue(Catalogued):
    """What every catalogue file begins with. `as_of` is the day the source was looked up."""

    source: str
    edition: str
    as_of: date
    to_check: list[str] = Field(default_factory=list)
    """What has not been compared with the source yet, in words."""


def catalogue(name: str, model: type[C]) -> C:
    """The catalogue `name`.yaml."""
    found = _read(name, model)
    assert isinstance(found, model)
    return found


@cache
def _read(name: str, model: type[Catalogue]) -> Catalogue:
    text = files("jalon.catalogues").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    return model.model_validate(yaml.load(text, Loader=yaml.CSafeLoader))
