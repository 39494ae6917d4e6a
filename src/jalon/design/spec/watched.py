"""What sources have said: items of feeds and advisories, read from the snapshots in watch/."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Scheme(StrEnum):
    """How versions are ordered. `UNKNOWN`: they cannot be."""

    SEMVER = "semver"
    PEP440 = "pep440"
    DEB = "deb"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class VersionRange:
    """From `introduced` ("0": from the first) up to, not including, `fixed`; or `last`, which is
    affected still. Neither: all later ones."""

    introduced: str = "0"
    fixed: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True)
class Affected:
    """A piece of software an advisory is about. Without `purl` only its name is known. `versions`
    are single ones, beside the ranges."""

    name: str
    purl: str = ""
    scheme: Scheme = Scheme.UNKNOWN
    ranges: Sequence[VersionRange] = ()
    versions: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class WatchItem:
    """Something a source said. `id` is stable: the advisory's, or the source's with what the feed
    calls the entry. `cvss` is a base score, 0 to 10; `exploited` says that it is known to be."""

    id: str
    source: str
    title: str
    text: str = ""
    link: str = ""
    published: date | None = None
    aliases: Sequence[str] = ()
    affected: Sequence[Affected] = ()
    advisory: bool = False
    cvss: float | None = None
    exploited: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A file of watch/: `on` is the day in its name; `sha256` of its bytes. `kept` says whether
    that is the hash it had when it was fetched, None when it was put there by hand."""

    file: str
    source: str
    on: date
    sha256: str
    items: Sequence[WatchItem] = ()
    kept: bool | None = None
