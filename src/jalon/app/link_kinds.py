"""The kinds of link there are: every folder of `adapters/links` that has a module `link`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, reduce
from importlib.util import find_spec
from operator import or_
from typing import Annotated, Any, get_args

from pydantic import Field, create_model

import jalon.adapters.links
from jalon.run.fleet import Device
from jalon.run.links import Link, LinkMaker, LinkSettings, LinksFile, Member
from jalon.run.things import ThingModel
from jalon.vocab.errors import UsageError
from jalon.vocab.finding import Mark, Remark, Severity


@dataclass(frozen=True, slots=True)
class LinkKind:
    """A kind: its entry of `links.yaml`, and what makes a link of it."""

    settings: type[LinkSettings]
    make: LinkMaker


@dataclass(frozen=True, slots=True)
class Prepared:
    """A link ready to serve. Two are equal when the files say the same of them."""

    settings: LinkSettings
    members: tuple[Member, ...]
    link: Link = field(compare=False)


@cache
def kinds() -> Mapping[str, LinkKind]:
    """By the word that stands in `kind`."""
    return {word: kind for kind in _found() for word in _words(kind)}


@cache
def links_file() -> type[LinksFile]:
    """The model of `links.yaml`: each entry is checked as the kind it says to be."""
    settings = dict.fromkeys(kind.settings for kind in kinds().values())
    entry: Any = Annotated[reduce(or_, settings), Field(discriminator="kind")]
    links: Any = (list[entry], Field(default_factory=list, description="Every link."))
    return create_model("LinksFile", __base__=LinksFile, __doc__=LinksFile.__doc__, links=links)


def make_links(
    file: LinksFile, devices: Sequence[Device], things: Mapping[str, ThingModel]
) -> tuple[dict[str, Prepared], list[Remark]]:
    """The links by id, and why one cannot be made of what is written. Opens nothing yet."""
    made: dict[str, Prepared] = {}
    remarks: list[Remark] = []
    for index, settings in enumerate(file.links):
        members = tuple(
            Member(device, things[device.thing])
            for device in devices
            if device.link == settings.id and device.thing in things and device.retired is None
        )
        kind = kinds()[str(getattr(settings, "kind", ""))]
        try:
            made[settings.id] = Prepared(settings, members, kind.make(settings, members))
        except UsageError as error:
            at = Mark("links", ("links", index))
            remarks.append(Remark("links.unusable", Severity.ERROR, at, error.text))
    return made, remarks


def _found() -> Iterator[LinkKind]:
    package = jalon.adapters.links
    for folder in sorted(pkgutil.iter_modules(package.__path__), key=lambda one: one.name):
        name = f"{package.__name__}.{folder.name}.link"
        if find_spec(name) is not None:
            module = importlib.import_module(name)
            yield LinkKind(module.Settings, module.make)


def _words(kind: LinkKind) -> tuple[str, ...]:
    return get_args(kind.settings.model_fields["kind"].annotation)
