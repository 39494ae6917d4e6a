"""The main navigation: a few sections, each with its pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from jalon.app.accounts import Visitor
from jalon.app.running import Running
from jalon.vocab.text import N_

FLEET = N_("Fleet")
ALARMS = N_("Alarms")
CONTROL = N_("Control")
SYSTEM = N_("System")
DESIGN = N_("Design")
_SECTIONS = (FLEET, ALARMS, CONTROL, SYSTEM, DESIGN)


@dataclass(frozen=True, slots=True)
class NavEntry:
    """A page's place: `label` is an English msgid, `order` counts within its section, one of those
    above. `covers` are other paths that belong to it. `count` is a number shown beside it, 0 for
    none, which `counted` says in words (an msgid with `{count}`). `changes` is for a page of which
    those who may only read have nothing."""

    path: str
    label: str
    section: str
    order: int = 0
    covers: tuple[str, ...] = ()
    count: Callable[[Running], int] | None = None
    counted: str = ""
    changes: bool = False

    def is_at(self, here: str) -> bool:
        """Whether the page at that path is this one or below it."""
        return any(here == one or here.startswith(f"{one}/") for one in (self.path, *self.covers))


@dataclass(frozen=True, slots=True)
class Section:
    """Pages that belong together; the first one is where the section leads."""

    label: str
    entries: Sequence[NavEntry]

    def is_at(self, here: str) -> bool:
        """Whether the page at that path is one of them."""
        return any(entry.is_at(here) for entry in self.entries)


def sections(entries: Iterable[NavEntry]) -> list[Section]:
    """The sections that have pages, in their order."""
    ordered = sorted(entries, key=lambda one: one.order)
    found = (
        Section(label, [one for one in ordered if one.section == label]) for label in _SECTIONS
    )
    return [section for section in found if section.entries]


def visible(all_sections: Iterable[Section], visitor: Visitor | None) -> list[Section]:
    """What somebody is shown of them."""
    may_change = visitor is not None and visitor.may_change
    return sections(
        entry for one in all_sections for entry in one.entries if may_change or not entry.changes
    )
