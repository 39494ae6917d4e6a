"""What the pages of rules have in common."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from jalon.app.formats import Formats
from jalon.app.rules.picture import draw
from jalon.app.rules.places import name_of, rule_of, zone_of
from jalon.app.rules.replay import (
    BackTestRequest,
    BackTestShape,
    EpisodeShape,
    Reader,
    ShareShape,
    lasting,
    percent,
    picture_of,
    summary,
)
from jalon.app.rules.service import Rules
from jalon.run.control import AlarmSeverity, Scalar, Subject
from jalon.run.rules.spec import Rule
from jalon.run.rules.why import severity_word
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_
from jalon.vocab.times import DAY_MS, from_ms, to_ms
from jalon.web.problems import Refused
from jalon.web.shell import Page

DAYS = (1, 7, 30)
_ROWS = 100
MODES = {"live": N_("live"), "dry-run": N_("dry run"), "off": N_("off")}


def service(page: Page) -> Rules:
    """The rules."""
    return page.context.running.control.rules


@dataclass(frozen=True, slots=True)
class Known:
    """A rule whose page is shown; `file` is that of rules/ without `.yaml`."""

    file: str
    rule: Rule
    title: str
    description: str


def known(page: Page, rule_id: str) -> Known:
    """The rule of an address. Raises Refused (404)."""
    try:
        file, _index, rule = rule_of(page.context.running.solution, rule_id)
    except UsageError as error:
        raise Refused(404, error.text) from None
    code = page.language.code
    description = rule.description.in_language(code) if rule.description else ""
    return Known(file, rule, rule.names().in_language(code), description)


@dataclass(frozen=True)
class Told:
    """Says things of rules for one page."""

    page: Page

    def severity(self, severity: AlarmSeverity | str | None) -> str:
        """In the reader's language; "" for none."""
        return self.page.say(severity_word(str(severity))) if severity else ""

    def subject(self, subject: Subject | str) -> str:
        """What people call it."""
        found = Subject.parse(subject) if isinstance(subject, str) else subject
        return name_of(self.page.context.running.solution, found, self.page.language.code)

    def zone(self, subject: Subject | str) -> ZoneInfo:
        """Where its day begins."""
        found = Subject.parse(subject) if isinstance(subject, str) else subject
        return zone_of(self.page.context.running.solution, found)

    def value(self, value: Scalar, unit: str = "") -> str:
        """A value that a rule saw."""
        match value:
            case None:
                return self.page.language.gettext(N_("unknown"))
            case bool():
                return self.page.language.gettext(N_("yes") if value else N_("no"))
            case int() | float():
                return self.page.formats.amount(value, unit)
            case str():
                return value

    def truth(self, truth: bool | None) -> str:
        """Of a part of a condition."""
        words = {True: N_("true"), False: N_("false"), None: N_("unknown")}
        return self.page.language.gettext(words[truth])

    def lasting(self, seconds: float) -> str:
        """A length of time."""
        return lasting(seconds, self.page.formats)

    def percent(self, share: float) -> str:
        """A share of the time."""
        return percent(share, self.page.formats)

    def moment(self, moment: datetime, zone: ZoneInfo) -> str:
        """Date and time of day."""
        return self.page.formats.moment(to_ms(moment), zone)


@dataclass(frozen=True, slots=True)
class Shown:
    """A back-test on a page: its sentence, picture, and the rows of its tables."""

    shape: BackTestShape
    summary: str
    svg: Markup
    zone: ZoneInfo
    episodes: list[EpisodeShape]
    subjects: list[ShareShape]


def tried(page: Page, rule_id: str, days: int, file: str = "", text: str | None = None) -> Shown:
    """The back-test of the last days, of a rule as it is or with a text in the place of its file.
    Raises UsageError, SolutionError."""
    now = page.context.running.now_ms()
    request = BackTestRequest(
        start=from_ms(now - days * DAY_MS), end=from_ms(now), file=file or None, text=text
    )
    reader = Reader(page.language.code, page.say)
    shape = service(page).backtest(rule_id, request, reader)
    formats: Formats = page.formats
    picture = picture_of(shape, page.context.running.solution, formats, page.say)
    return Shown(
        shape,
        page.say(summary(shape, formats)),
        Markup(draw(picture, formats, f"{rule_id}-{'now' if text is None else 'new'}")),  # noqa: S704 - every text in it is escaped
        ZoneInfo(shape.zone),
        shape.episodes[-_ROWS:][::-1],
        [one for one in shape.subjects if one.episodes][:_ROWS],
    )
