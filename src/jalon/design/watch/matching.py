"""What an item has to do with this solution, and why that is believed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from jalon.design.blueprint import Blueprint, Package
from jalon.design.duties.obligations import Applies, obligations
from jalon.design.spec.watched import Affected, WatchItem
from jalon.design.watch.likeness import Corpus, named
from jalon.design.watch.versions import is_affected
from jalon.vocab.entries import Wording
from jalon.vocab.text import N_


class Sureness(StrEnum):
    """`CERTAIN`: package and version. `LIKELY`: the technology is named. `TO_CHECK`: a name
    without a version that can be compared, or words that are shared."""

    CERTAIN = "certain"
    LIKELY = "likely"
    TO_CHECK = "to-check"


SURENESS_WORDS = {
    Sureness.CERTAIN: N_("certain: package and version"),
    Sureness.LIKELY: N_("likely: named as such"),
    Sureness.TO_CHECK: N_("to check"),
}


@dataclass(frozen=True, slots=True)
class Match:
    """What of the solution an item touches: a package, a technology, a requirement or a
    regulation, by `kind` (an msgid) and name; `why` are the words or versions that say so."""

    kind: str
    name: str
    sureness: Sureness
    why: str


PACKAGE, TECHNOLOGY = N_("package"), N_("technology")
REQUIREMENT, REGULATION = N_("requirement"), N_("regulation")
_GENERAL = frozenset(("in process", "none", "json", "csv", "internet", "text"))


def matches(item: WatchItem, blueprint: Blueprint, today: date) -> list[Match]:
    """The surest first. An advisory about a package that the solution has in a sound version
    touches nothing."""
    found = list(_packages(item, blueprint.packages))
    if item.advisory and item.affected and (found or _all_sound(item, blueprint.packages)):
        return found
    text = f"{item.title} {item.text}"
    for name in named(technologies(blueprint), text):
        found.append(Match(TECHNOLOGY, name, Sureness.LIKELY, name))
    for one in _corpus(blueprint, today).alike(f"{item.title} {text}"):
        kind, _, name = one.target.partition(":")
        if one.value >= blueprint.watch.threshold and len(one.words) > 1:
            why = f"{one.value:.2f}: {', '.join(one.words)}"
            found.append(Match(kind, name, Sureness.TO_CHECK, why))
    return found


@lru_cache(maxsize=4)
def technologies(blueprint: Blueprint) -> tuple[str, ...]:
    """What the solution is made with, in the words of its files; versions left out."""
    said: list[str] = list(blueprint.watch.topics)
    said += [flow.protocol for flow in blueprint.architecture.flows]
    said += [one.technology for one in blueprint.architecture.components if one.technology]
    said += [word for one in blueprint.about.existing_systems for word in one.protocols]
    said += [name for thing in blueprint.things.values() for name in sorted(thing.protocols)]
    said += [word for source in blueprint.watch.sources for word in source.about]
    parts = [part for one in said for part in re.split(r"[,;/(]| with | on | over ", one)]
    found: dict[str, str] = {}
    for part in parts:
        name = re.sub(r"[\s)]*v?\d+(\.\d+)*[\s)]*$", "", part).strip(" )")
        if len(name) > 1 and name.casefold() not in _GENERAL:
            found.setdefault(name.casefold(), name)
    return tuple(found.values())


@lru_cache(maxsize=4)
def _corpus(blueprint: Blueprint, today: date) -> Corpus:
    targets: dict[str, str] = {}
    for demand in blueprint.about.requirements:
        text = f"{_both(demand.statement)} {_both(demand.rationale)}"
        targets[f"{REQUIREMENT}:{demand.id}"] = text
    for duty in obligations(blueprint, today):
        if duty.applies is not Applies.NO:
            text = f"{_both(duty.regulation)} {_both(duty.name)}"
            targets[f"{REGULATION}:{duty.id}"] = text
    return Corpus(targets)


def _both(wording: Wording | str | None) -> str:
    if isinstance(wording, str):
        return wording
    return f"{wording.fr or ''} {wording.en or ''}" if wording else ""


def _packages(item: WatchItem, packages: Sequence[Package]) -> Iterator[Match]:
    by_name = _by_name(packages)
    for affected in item.affected:
        for package in by_name.get(_plain(affected.name), ()):
            if same := _same(affected, package):
                hit = is_affected(affected, package.version)
                sure = Sureness.CERTAIN if hit and same == "purl" else Sureness.TO_CHECK
                if hit is not False:
                    why = f"{package.purl or package.name} {package.version}".strip()
                    yield Match(PACKAGE, package.name, sure, why)


def _all_sound(item: WatchItem, packages: Sequence[Package]) -> bool:
    """Whether the solution has the package, in versions that are not affected."""
    by_name = _by_name(packages)
    return any(
        _same(affected, package) == "purl"
        for affected in item.affected
        for package in by_name.get(_plain(affected.name), ())
    )


def _same(affected: Affected, package: Package) -> str:
    """`purl` when both say so, `name` when one has none, "" for another package."""
    if affected.purl and package.purl:
        one, other = _purl(affected.purl), _purl(package.purl)
        return "purl" if one is not None and one == other else ""
    return "name"


@lru_cache(maxsize=4096)
def _purl(text: str) -> tuple[str, str, str] | None:
    """Type, namespace and name, as the specification normalises them."""
    from packageurl import PackageURL

    try:
        found = PackageURL.from_string(text)
    except ValueError:
        return None
    return found.type, found.namespace or "", _plain(found.name)


def _by_name(packages: Sequence[Package]) -> Mapping[str, list[Package]]:
    found: dict[str, list[Package]] = {}
    for one in packages:
        found.setdefault(_plain(one.name), []).append(one)
    return found


def _plain(name: str) -> str:
    """Names of packages differ by case, and by what stands between their words."""
    return re.sub(r"[-_.]+", "-", name.rpartition("/")[2]).casefold()
