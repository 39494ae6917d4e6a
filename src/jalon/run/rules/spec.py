"""Rules as they are written: one file of `rules/`, rules and their test cases.

What stands under a key described as CEL is read by `run.rules.language`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal, Union

from pydantic import BeforeValidator, Field, model_validator

from jalon.run.control import AlarmSeverity, SubjectKind
from jalon.vocab.durations import Duration
from jalon.vocab.entries import Identifier, Strict, Wording, refusal
from jalon.vocab.text import N_, Names, Text


class Mode(StrEnum):
    """What becomes of what a rule decides."""

    LIVE = "live"
    DRY_RUN = "dry-run"
    OFF = "off"


class On(StrEnum):
    """At which change of a rule's level an action is taken."""

    RAISE = "raise"
    CLEAR = "clear"
    CHANGE = "change"
    REPEAT = "repeat"


ForEach = Literal["device", "room", "site", "solution"]


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _as_expression(value: Any) -> Any:
    """`true`, `800` in YAML are expressions as well as texts are."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


Ids = Annotated[list[str], BeforeValidator(_as_list, json_schema_input_type=str | list[str])]
Expression = Annotated[
    str, BeforeValidator(_as_expression, json_schema_input_type=str | bool | float)
]
"""CEL."""


class Selection(Strict):
    """Which devices, rooms or sites a rule is about: all that fit every key given."""

    thing: Ids = Field(default_factory=list, description="Only devices of these types.")
    device: Ids = Field(default_factory=list, description="Only these devices.")
    room: Ids = Field(
        default_factory=list, description="Only these rooms, by id or as <site>/<room>."
    )
    site: Ids = Field(default_factory=list, description="Only these sites.")
    tags: Ids = Field(
        default_factory=list, description="Only devices that have every one of these tags."
    )
    without: Ids = Field(default_factory=list, description="No device that has one of these tags.")


class Level(Strict):
    """A condition, and how serious it is while it holds."""

    severity: AlarmSeverity | None = Field(
        default=None, description="Severity of its alarm; without one no alarm is raised."
    )
    when: Expression = Field(description="CEL: the level is reached once this is true.")
    clear: Expression | None = Field(
        default=None,
        description="CEL: a reached level is left once this is true; without it, once `when` is"
        " false. Give it for hysteresis: above 800, clear below 700.",
    )
    for_ms: Duration = Field(
        default=0, alias="for", description="How long `when` must have been true without a break."
    )
    clear_for_ms: Duration = Field(
        default=0,
        alias="clear_for",
        description="How long the contrary must have held before the level is left.",
    )


class ActionSpec(Strict):
    """An action of a rule."""

    on: list[On] = Field(
        default_factory=list,
        description="At which changes: raise, clear, change (every one), repeat. Each kind of"
        " action has its own usual ones.",
    )
    severity: list[AlarmSeverity] = Field(
        default_factory=list,
        description="Only at these severities: the one reached, or on clear the one left.",
    )
    every_ms: Duration = Field(
        default=3_600_000, alias="every", description="With `on: repeat`, how often while it lasts."
    )

    @model_validator(mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        if isinstance(value, dict):
            lists = {key: _as_list(value[key]) for key in ("on", "severity") if key in value}
            return {**value, **lists}
        return value

    def usual(self) -> tuple[On, ...]:
        """When it is taken if the author does not say."""
        return (On.RAISE,)

    def taken(self) -> frozenset[On]:
        """When it is taken."""
        return frozenset(self.on or self.usual())


class AlarmAction(ActionSpec):
    """Raise an alarm, change its severity, clear it. A rule with a severity does so by itself:
    write this only to give words of its own."""

    kind: Literal["alarm"] = Field(description="Always alarm.")
    words: Wording | None = Field(
        default=None,
        description="What it says; {co2} or any other CEL in braces is replaced by its value,"
        " {device}, {room}, {site} by names.",
    )
    tags: list[str] = Field(default_factory=list, description="Words to find the alarm by.")

    def usual(self) -> tuple[On, ...]:
        """At every change."""
        return (On.CHANGE,)


class NotifyAction(ActionSpec):
    """Tell somebody, without an alarm."""

    kind: Literal["notify"] = Field(description="Always notify.")
    to: Ids = Field(description="People, groups or chains of notifications.yaml.")
    words: Wording | None = Field(default=None, description="What to say; places as in an alarm.")


class CommandAction(ActionSpec):
    """Have a device do something."""

    kind: Literal["command"] = Field(description="Always command.")
    action: str = Field(description="Name of the action in the Thing Model of the device.")
    device: str | None = Field(
        default=None,
        description="Id of the device; without it, the one the rule is about, or with `thing` all"
        " of that type in its place.",
    )
    thing: str | None = Field(
        default=None, description="All devices of this type in the same room, or site, or all."
    )
    input: Expression | dict[str, Expression] | None = Field(
        default=None, description="CEL: the input, or one expression for each of its members."
    )
    expires_ms: Duration | None = Field(
        default=None, alias="expires", description="After this the device is not told any more."
    )


class DesireAction(ActionSpec):
    """Set the desired state of a device's twin."""

    kind: Literal["desire"] = Field(description="Always desire.")
    device: str | None = Field(default=None, description="As for a command.")
    thing: str | None = Field(default=None, description="As for a command.")
    desired: dict[str, Expression] = Field(description="Property → CEL for the value wanted.")


class CallAction(ActionSpec):
    """Call a web service."""

    kind: Literal["call"] = Field(description="Always call.")
    webhook: str = Field(description="Id of a webhook of integrations.yaml.")
    words: Wording | None = Field(default=None, description="What to say; places as in an alarm.")


Action = Annotated[
    Union[AlarmAction, NotifyAction, CommandAction, DesireAction, CallAction],  # noqa: UP007
    Field(discriminator="kind"),
]


class Compute(Strict):
    """A virtual property: computed, and stored like what devices report."""

    property: Identifier = Field(
        description="Name of the property, declared in the Thing Model of the device it is of."
    )
    value: Expression = Field(description="CEL: its value; nothing is stored while it is unknown.")
    into: str | None = Field(
        default=None,
        description="Id of the device it is of, {room} and {site} being replaced by their ids;"
        " without it, the device that the rule is about.",
    )
    every_ms: Duration = Field(
        default=0, alias="every", description="At most so often; 0 s is at each new value."
    )


class Given(Strict):
    """Something that happens in a test case."""

    at_ms: Duration = Field(default=0, alias="at", description="How long after the start.")
    device: str | None = Field(
        default=None, description="Which device reports; without it, the device of the case."
    )
    values: dict[str, float | bool | str | dict[str, float]] = Field(
        description="Property → value; a location is {latitude, longitude}."
    )
    every_ms: Duration | None = Field(
        default=None, alias="every", description="Report the same again and again…"
    )
    until_ms: Duration | None = Field(
        default=None, alias="until", description="…until then; to the end without it."
    )
    arrives_ms: Duration | None = Field(
        default=None, alias="arrives", description="When it comes in, if later than `at`."
    )


class Outage(Strict):
    """A maintenance period in a test case."""

    from_ms: Duration = Field(default=0, alias="from", description="How long after the start.")
    until_ms: Duration = Field(alias="until", description="When it ends.")


class Expected(Strict):
    """What must be so at a moment of a test case, once everything up to then has been seen."""

    at_ms: Duration = Field(alias="at", description="How long after the start.")
    about: str | None = Field(
        default=None,
        description="Which device, room (<site>/<room>) or site; without it, the one of the case.",
    )
    severity: AlarmSeverity | Literal["none"] | None = Field(
        default=None, description="Severity of the alarm in force, or none."
    )
    active: bool | None = Field(
        default=None, description="Whether a level is reached, for a rule without severity."
    )
    notified: Ids | None = Field(
        default=None, description="Who has been told since the check before; [] for nobody."
    )
    command: dict[str, Any] | Literal["none"] | None = Field(
        default=None, description="Action → input of the commands since the check before, or none."
    )
    desired: dict[str, Any] | None = Field(
        default=None, description="Property → value last desired since the check before."
    )
    called: Ids | None = Field(
        default=None, description="Webhooks called since the check before; [] for none."
    )
    computed: dict[str, float | bool | str | None] | None = Field(
        default=None, description="Virtual property → its newest value; null for none yet."
    )
    words: str | None = Field(
        default=None, description="A part of the last words of the alarm, in any language."
    )


class Case(Strict):
    """A test of a rule: what happens, and what must come of it."""

    name: str = Field(description="What is shown, in a few words.")
    about: str | None = Field(
        default=None,
        description="Device, room (<site>/<room>) or site the case is about; without it, the first"
        " one that the rule is about.",
    )
    start: str = Field(
        default="2026-03-10T10:00:00",
        description="When the case begins: ISO 8601, local time of the site without an offset."
        " A Tuesday morning without it.",
    )
    given: list[Given] = Field(default_factory=list, description="What devices report, and when.")
    maintenance: list[Outage] = Field(
        default_factory=list, description="Maintenance periods of what the case is about."
    )
    expect: list[Expected] = Field(min_length=1, description="What must be so, and when.")


class Rule(Strict):
    """What is watched for each subject, and what is done about it."""

    id: Identifier = Field(description="Id, unique among all files of rules/.")
    title: Wording | None = Field(default=None, description="Name, and the alarm's usual words.")
    description: Wording | None = Field(default=None, description="Why it is there.")
    mode: Mode = Field(
        default=Mode.LIVE,
        description="live; dry-run watches and remembers and does nothing else; off.",
    )
    for_each: ForEach = Field(
        default="device", description="What it is about: device, room, site or solution."
    )
    select: Selection = Field(
        default_factory=Selection, description="Which of them; all that can be without it."
    )
    calendar: str | None = Field(
        default=None,
        description="Only while this calendar of calendars.yaml is open; while it is closed every"
        " level is left.",
    )
    late_ms: Duration | None = Field(
        default=None,
        alias="late",
        description="How old what has happened may be to act on it; without it 5 min, or three"
        " periods of the device if that is longer.",
    )
    severity: AlarmSeverity | None = Field(
        default=None, description="With `when`: severity of its alarm."
    )
    when: Expression | None = Field(
        default=None, description="CEL: the condition of a rule that has one level only."
    )
    clear: Expression | None = Field(default=None, description="With `when`: as in a level.")
    for_ms: Duration = Field(default=0, alias="for", description="With `when`: as in a level.")
    clear_for_ms: Duration = Field(
        default=0, alias="clear_for", description="With `when`: as in a level."
    )
    levels: list[Level] = Field(
        default_factory=list,
        max_length=8,
        description="Several conditions, from the mildest to the severest.",
    )
    words: Wording | None = Field(
        default=None,
        description="What its alarm says; {co2} or any other CEL in braces is replaced by its"
        " value, {device}, {room}, {site} by names. The title without it.",
    )
    tags: list[str] = Field(default_factory=list, description="Words to find its alarms by.")
    actions: list[Action] = Field(default_factory=list, description="What is done.")
    compute: Compute | None = Field(default=None, description="A virtual property.")
    plugin: Identifier | None = Field(
        default=None,
        description="A function in Python, rules/<name>.py: what it says is `answer` in the"
        " conditions.",
    )
    gives: Literal["truth", "number", "text"] = Field(
        default="truth", description="With `plugin`: what kind of value `answer` is."
    )
    inputs: dict[Identifier, Expression] = Field(
        default_factory=dict, description="Name → CEL: what the function is given."
    )
    tests: list[Case] = Field(default_factory=list, description="Cases that must come out so.")

    @model_validator(mode="after")
    def _says_something(self) -> Rule:
        if self.when is not None and self.levels:
            message = N_("A rule has `when` or `levels`, not both.")
            raise refusal(Text(message))
        if self.when is None and not self.levels and self.compute is None:
            message = N_("A rule needs a condition (`when` or `levels`) or something to `compute`.")
            raise refusal(Text(message))
        return self

    @property
    def kind(self) -> SubjectKind:
        """The kind of its subjects."""
        return SubjectKind(self.for_each)

    def all_levels(self) -> tuple[Level, ...]:
        """Its levels, from the mildest to the severest; none when it only computes."""
        if self.when is not None:
            alone = Level.model_construct(
                severity=self.severity,
                when=self.when,
                clear=self.clear,
                for_ms=self.for_ms,
                clear_for_ms=self.clear_for_ms,
            )
            return (alone,)
        return tuple(self.levels)

    def names(self) -> Names:
        """Its title by language; its id when the author gave none."""
        return self.title.names if self.title else Names({"en": self.id})


class RuleFile(Strict):
    """The whole of `rules/*.yaml`."""

    rules: list[Rule] = Field(default_factory=list, description="Every rule of this file.")
