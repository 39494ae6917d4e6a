"""What an expression means: kinds of values, what it reads, how it runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from jalon.run.rules.expression.columns import Array, Column
from jalon.run.rules.expression.tree import Node
from jalon.vocab.reading import ValueKind
from jalon.vocab.text import N_


class Kind(Enum):
    """What values are; the value is what people call it."""

    NUMBER = N_("a number")
    BOOLEAN = N_("true or false")
    TEXT = N_("a text")
    LOCATION = N_("a location")
    DURATION = N_("a length of time")
    CLOCK = N_("a time of day")

    @classmethod
    def of(cls, kind: ValueKind) -> Kind:
        """The kind of what a property reports."""
        return cls[kind.name]


class Around(Enum):
    """Where the devices are whose values a function puts together."""

    PLACE = "place"
    SITE = "site"
    SOLUTION = "solution"


class Scope(Protocol):
    """What names mean for the subjects of a rule."""

    about_device: bool
    """Whether there are properties of its own."""

    def own(self, name: str) -> Kind | None:
        """Kind of a property of the subjects; None when none of them has it."""

    def own_names(self) -> Sequence[str]:
        """The properties there are, for a hint."""

    def around(self, where: Around, name: str) -> Kind | None:
        """Kind of a property of the devices of a place."""

    def of_device(self, device: str, name: str) -> Kind | None:
        """Kind of a property of one device."""

    def devices(self) -> Sequence[str]:
        """Ids of all devices."""

    def calendars(self) -> Sequence[str]:
        """Ids of all calendars."""

    def named(self, name: str) -> Kind | None:
        """Kind of another name, such as `answer` of a plug-in."""

    def intern(self, text: str) -> float:
        """The number that stands for a text."""


class View(Protocol):
    """What an expression sees: a number of moments, each of a subject."""

    rows: int
    at: Array
    """Event time of each row, Unix ms, float64."""

    def own(self, name: str) -> Column:
        """Newest values of a property of the subject."""

    def own_time(self, name: str) -> Column:
        """When they were reported; not known before the first."""

    def own_since(self, name: str) -> Column:
        """Since when the property has had its value."""

    def heard(self, name: str | None) -> Column:
        """When the device (or its property) was last heard, or came into being: always known."""

    def of_device(self, device: str, name: str) -> Column:
        """Newest value of a property of one device."""

    def around(self, where: Around, how: str, name: str, value: float | None = None) -> Column:
        """Newest values of the devices of a place, put together."""

    def window(self, how: str, name: str, width_ms: int) -> Column:
        """Values of a property of the subject in `(at - width, at]`, put together."""

    def calendar(self, name: str) -> Column:
        """Whether a calendar is open, in the zone of the subject's site."""

    def clock(self, part: str) -> Column:
        """`hour`, `weekday` (1 is Monday) or `minute` (of the day) in that zone."""

    def site(self) -> Column:
        """Where the site is."""

    def named(self, name: str) -> Column:
        """Another value of the rule."""

    def fault(self) -> None:
        """A division by zero: the rule is in trouble, its value not known."""

    def text(self, code: float) -> str:
        """The inverse of `Scope.intern`."""


Run = Callable[[View], Column]


@dataclass
class Reads:
    """What an expression depends on. `step_ms` is how often it may change by itself, None when it
    does not."""

    own: set[str] = field(default_factory=set)
    windows: dict[str, int] = field(default_factory=dict)
    """Property → the widest window."""
    since: set[str] = field(default_factory=set)
    around: set[tuple[Around, str]] = field(default_factory=set)
    devices: set[tuple[str, str]] = field(default_factory=set)
    silence: bool = False
    absence: bool = False
    """It may be true because nothing comes."""
    answer: bool = False
    step_ms: int | None = None

    def by_time(self, step_ms: int) -> None:
        """It changes by itself, so often."""
        self.step_ms = step_ms if self.step_ms is None else min(step_ms, self.step_ms)

    def add(self, other: Reads) -> None:
        """Depend on that as well."""
        self.own |= other.own
        self.since |= other.since
        self.around |= other.around
        self.devices |= other.devices
        self.silence |= other.silence
        self.absence |= other.absence
        self.answer |= other.answer
        for name, width in other.windows.items():
            self.windows[name] = max(width, self.windows.get(name, 0))
        if other.step_ms is not None:
            self.by_time(other.step_ms)


@dataclass(frozen=True)
class Seen:
    """A value that an expression looks at, by its words in it. `property` is that of the subject
    when it is a plain one."""

    words: str
    kind: Kind
    run: Run
    property: str | None = None


@dataclass(frozen=True)
class Part:
    """A clause, by its words."""

    words: str
    run: Run


@dataclass(frozen=True)
class Formula:
    """An expression that can be evaluated."""

    text: str
    node: Node
    kind: Kind
    run: Run
    reads: Reads
    seen: tuple[Seen, ...]
    clauses: tuple[Part, ...]
    constant: float | bool | str | None = None
    """Its value when it is a constant."""
