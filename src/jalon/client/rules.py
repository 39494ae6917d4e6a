"""Calls: rules.

Written by tools/make_client.py: change the application, not this file.
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, Unpack, cast

from jalon.client.transport import Call, Transport, filled


class BackTestRequest(TypedDict):
    """What to replay. With `text`, the file `file` of rules/ as it would be with that text."""

    start: str
    end: str
    file: NotRequired[str | None]
    text: NotRequired[str | None]


class RangeShape(TypedDict):
    """The least and the greatest value."""

    least: float
    greatest: float


class EpisodeShape(TypedDict):
    """A time in which the rule would have fired; `end` is null when it lasts beyond the replay."""

    subject: str
    name: str
    start: str
    end: str | None
    seconds: float
    severity: str | None
    values: dict[str, bool | int | float | str | None]
    ranges: dict[str, RangeShape]


class ShareShape(TypedDict):
    """How much of the time the rule would have fired about a subject, from 0 to 1."""

    subject: str
    name: str
    episodes: int
    seconds: float
    share: float


class TrackShape(TypedDict):
    """A number of the most troubled subject in equal steps: least, mean, greatest; null is a
    gap. `limits` are those that the rule compares it with."""

    property: str
    unit: str
    rows: list[list[object] | None]
    limits: list[float]


class BackTestShape(TypedDict):
    """When a rule would have fired. `count` are all episodes, of which the first `episodes` are
    told; `share` is over all subjects, the most troubled of which comes first."""

    rule: str
    title: str
    start: str
    end: str
    zone: str
    readings: int
    count: int
    share: float
    trouble: str | None
    subjects: list[ShareShape]
    episodes: list[EpisodeShape]
    tracks: list[TrackShape]


class CaseShape(TypedDict):
    """A test case that was run. `failures` are sentences with their place in the file."""

    rule: str
    case: str
    passed: bool
    failures: list[str]


class ClauseShape(TypedDict):
    """A part of a condition as it is written; `truth` null is not known."""

    text: str
    truth: bool | None


class FiringShape(TypedDict):
    """A rule changed its mind about a subject: `active` is whether a level holds since then.
    `values` are those it saw. `late`: too old to act on; `dry`: it only watches; `silenced`:
    a maintenance period was in force."""

    id: int
    time: str
    rule: str
    subject: str
    active: bool
    severity: str | None
    values: dict[str, bool | int | float | str | None]
    dry: bool
    late: bool
    silenced: bool


class LevelShape(TypedDict):
    """How a level stands. A timer that runs since `since` ends at `due`: then the level is
    reached, or left when it is `active`."""

    severity: str | None
    active: bool
    when: bool | None
    clear: bool | None
    since: str | None
    due: str | None
    clauses: list[ClauseShape]
    clear_clauses: list[ClauseShape]


class StandShape(TypedDict):
    """How a rule stands about a subject now; `since` is its last change, if known."""

    subject: str
    name: str
    active: bool
    severity: str | None
    since: str | None


class RuleDetail(TypedDict):
    """A rule with its subjects, those that fire first."""

    id: str
    title: str
    mode: str
    for_each: str
    file: str
    tests: int
    firing: int
    fired: int
    trouble: str | None
    subjects: list[StandShape]


class RuleShape(TypedDict):
    """A rule: where it is written, about how many subjects it fires now, how often it fired in
    the last 24 hours, and why it cannot be worked out, if so. `mode` is live, dry-run or off."""

    id: str
    title: str
    mode: str
    for_each: str
    file: str
    tests: int
    firing: int
    fired: int
    trouble: str | None


class ValueShape(TypedDict):
    """A value that the rule saw; `age_s` in seconds, where it was reported."""

    name: str
    value: bool | int | float | str | None
    unit: str
    age_s: float | None


class RulesSilenceShape(TypedDict):
    """A silence or maintenance period that was in force."""

    kind: str
    scope: str
    end: str
    who: str
    why: str


class WhyShape(TypedDict):
    """Why a rule fires about a subject at a moment, or not: sentences, the most important first,
    and what they rest on. `open` is whether its calendar was; null without one."""

    rule: str
    title: str
    subject: str
    name: str
    zone: str
    at: str
    firing: bool
    severity: str | None
    sentences: list[str]
    values: list[ValueShape]
    levels: list[LevelShape]
    open: bool | None
    silences: list[RulesSilenceShape]


class RulesBacktestQuery(TypedDict):
    """Of `backtest`."""

    from_: NotRequired[str]
    """ISO 8601 or Unix ms; a day before `to`."""
    to: NotRequired[str]
    """ISO 8601 or Unix ms; now when left out."""


class RulesFiringsQuery(TypedDict):
    """Of `firings`."""

    subject: NotRequired[str | None]
    """Such as device:zay-cm2-a."""
    limit: NotRequired[int]
    before: NotRequired[int | None]
    """Only with a smaller id."""


class RulesWhyQuery(TypedDict):
    """Of `why`."""

    subject: str
    """Device, room or site."""
    at: NotRequired[str]
    """Moment; now without it."""


class Rules:
    """Calls: rules."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def find(self) -> list[RuleShape]:
        """Every rule and how it stands.

        In the order of the files. Scope: read.
        """
        call = Call("GET", "/api/v1/rules")
        return cast("list[RuleShape]", self._transport.answer(call))

    def get(self, rule_id: str) -> RuleDetail:
        """One rule and how it stands about each subject.

        What it is about, those that fire first. Scope: read.
        """
        call = Call("GET", filled("/api/v1/rules/{rule_id}", rule_id=rule_id))
        return cast("RuleDetail", self._transport.answer(call))

    def backtest(self, rule_id: str, **query: Unpack[RulesBacktestQuery]) -> BackTestShape:
        """When a rule would have fired.

        Replays stored values through the rule as it is now; the last 24 hours by default. Scope:
        read.
        """
        call = Call("GET", filled("/api/v1/rules/{rule_id}/backtest", rule_id=rule_id), query=query)
        return cast("BackTestShape", self._transport.answer(call))

    def backtest_text(self, rule_id: str, body: BackTestRequest) -> BackTestShape:
        """When a rule would have fired with another text of its file.

        Nothing is saved; 422 when the text has errors. Scope: rules:write.
        """
        call = Call("POST", filled("/api/v1/rules/{rule_id}/backtest", rule_id=rule_id), body=body)
        return cast("BackTestShape", self._transport.answer(call))

    def firings(self, rule_id: str, **query: Unpack[RulesFiringsQuery]) -> list[FiringShape]:
        """What a rule decided.

        The newest first. The last 2,000 of each rule are kept. Scope: read.
        """
        call = Call("GET", filled("/api/v1/rules/{rule_id}/firings", rule_id=rule_id), query=query)
        return cast("list[FiringShape]", self._transport.answer(call))

    def tests(self, rule_id: str) -> list[CaseShape]:
        """Run the test cases of a rule.

        In a time of their own; nothing is done. Scope: read.
        """
        call = Call("GET", filled("/api/v1/rules/{rule_id}/tests", rule_id=rule_id))
        return cast("list[CaseShape]", self._transport.answer(call))

    def why(self, rule_id: str, **query: Unpack[RulesWhyQuery]) -> WhyShape:
        """Why a rule fires about a subject, or not.

        Works out what the rule saw at that moment from the history before it. Scope: read.
        """
        call = Call("GET", filled("/api/v1/rules/{rule_id}/why", rule_id=rule_id), query=query)
        return cast("WhyShape", self._transport.answer(call))
