"""Who is told of an alarm, and when: the chains of `alarms.yaml`, step by step."""

from __future__ import annotations

import json
from collections.abc import Callable
from zoneinfo import ZoneInfo

from jalon.adapters.stores.registry.alarms_schema import AlarmChainRow, AlarmRow
from jalon.app.alarms.book import Act, Book, page_of, words_of
from jalon.app.alarms.silencing import Silencing
from jalon.app.language import LANGUAGES, language
from jalon.run.alarms.life import HOLDING, Event, State
from jalon.run.alarms.spec import Escalation
from jalon.run.calendars import OpeningHours, calendars_of
from jalon.run.control import AlarmSeverity, Message, Words
from jalon.vocab.text import N_, Text

Post = Callable[[Message], None]
_NEVER_MS = 30 * 86_400_000
"""A calendar that does not open within a year is asked again after this."""


class Telling:
    """Every method is a part of the transaction it is called in."""

    def __init__(self, book: Book, silencing: Silencing, post: Post) -> None:
        self._book = book
        self._silencing = silencing
        self._post = post

    def begin(self, row: AlarmRow) -> None:
        """Start the chains it is for, from their first step."""
        facts = self._book.facts(row)
        for spec in self._book.settings.escalations:
            if not spec.alarms.has(facts):
                continue
            chain = self._book.timers.chain(row.id, spec.id)
            if chain is None:
                chain = AlarmChainRow(alarm_id=row.id, chain=spec.id, sent=0)
                chain.step, chain.round, chain.waits = 0, 0, False
                self._book.table.add(chain)
            chain.step, chain.round, chain.waits = 0, 0, False
            chain.step_due = self._book.now_ms + spec.steps[0].after
            if chain.step_due <= self._book.now_ms:
                self.go_on(row, chain)

    def go_on(self, row: AlarmRow, chain: AlarmChainRow) -> None:
        """Take the step that is due, unless nobody is to be told any more, or not now."""
        now = self._book.now_ms
        spec = next((e for e in self._book.settings.escalations if e.id == chain.chain), None)
        chain.waits = False
        if spec is None or not is_to_tell(row) or chain.step >= len(spec.steps):
            chain.step_due = None
            return
        later = self._not_before(row, spec, now)
        if later is not None:
            chain.step_due, chain.waits = later, True
            return
        self._tell(row, chain, spec)
        chain.step += 1
        if chain.step < len(spec.steps):
            chain.step_due = now + max(1, spec.steps[chain.step].after)
        elif spec.repeat_after is not None and chain.round < spec.repeat_times:
            chain.step, chain.round = 0, chain.round + 1
            chain.step_due = now + max(1000, spec.repeat_after)
        else:
            chain.step_due = None

    def all_clear(self, row: AlarmRow) -> None:
        """Tell those who were told that it is over; once."""
        told: list[str] = json.loads(row.told)
        if not told:
            return
        self._send(row, f"clear:{row.occurrences}", told, words_of(row), {}, None)
        row.told = "[]"
        self._book.note(row, Act(Event.TOLD, comment=", ".join(told)))

    def flapping(self, row: AlarmRow) -> None:
        """Tell those who were told that they will not hear of each coming and going."""
        told: list[str] = json.loads(row.told)
        if told:
            body = _in_each(
                N_("It comes and goes. You will hear of it again when it has become steady.")
            )
            severity = AlarmSeverity(row.severity)
            key = f"flapping:{row.occurrences}"
            self._send(row, key, told, words_of(row), body, severity)

    def _not_before(self, row: AlarmRow, spec: Escalation, now: int) -> int | None:
        """When it may be told at the earliest, if not now."""
        ends = [one for one in (row.silence_due,) if one is not None and one > now]
        silenced = self._silencing.holds_until(self._book.scopes(row), now)
        if silenced is not None:
            ends.append(silenced)
        for name, wanted in ((spec.during, True), (spec.outside, False)):
            if name is not None and (opens := self._edge(row, name, wanted, now)) is not None:
                ends.append(opens)
        return max(ends, default=None)

    def _edge(self, row: AlarmRow, name: str, wanted: bool, now: int) -> int | None:
        calendar = calendars_of(self._book.solution.control.calendars).get(name)
        if calendar is None:
            return None
        hours = OpeningHours(calendar, self._zone(row))
        if hours.is_open(now) is wanted:
            return None
        return hours.next_edge_ms(now) or now + _NEVER_MS

    def _zone(self, row: AlarmRow) -> ZoneInfo:
        sites = self._book.solution.fleet.sites
        found = next((one for one in sites if one.id == row.site), sites[0] if sites else None)
        return found.tz if found else ZoneInfo("UTC")

    def _tell(self, row: AlarmRow, chain: AlarmChainRow, spec: Escalation) -> None:
        step = spec.steps[chain.step]
        escalated = chain.step > 0 or chain.round > 0
        body: Words = {}
        if escalated:
            waited = max(1, (self._book.now_ms - row.own_ms) // 60_000)
            message = N_("Nobody has acknowledged it. Minutes since it was raised: {minutes}.")
            body = _in_each(message, minutes=waited)
        severity = AlarmSeverity(row.severity)
        key = f"{chain.chain}:{chain.sent}"
        self._send(row, key, step.to, words_of(row), body, severity)
        chain.sent += 1
        row.told = json.dumps(list(dict.fromkeys([*json.loads(row.told), *step.to])))
        what = Event.ESCALATED if escalated else Event.TOLD
        self._book.note(row, Act(what, comment=", ".join(step.to)))

    def _send(
        self,
        row: AlarmRow,
        key: str,
        to: list[str],
        title: Words,
        body: Words,
        severity: AlarmSeverity | None,
    ) -> None:
        message = Message(
            key=f"alarm:{row.id}:{key}",
            at_ms=row.since_ms if severity else row.changed_ms,
            to=to,
            title=title,
            body=body,
            severity=severity,
            alarm=row.id,
            path=page_of(row),
            subject=row.subject,
            values=json.loads(row.seen),
        )
        self._post(message)


def is_to_tell(row: AlarmRow) -> bool:
    """Whether people should hear of it: it holds, nobody has seen it, and it is on its own."""
    return row.state == State.ACTIVE and row.parent_id is None and not row.flapping


def holds(row: AlarmRow) -> bool:
    """Whether its condition still holds."""
    return State(row.state) in HOLDING


def _in_each(message: str, **params: object) -> Words:
    return {code: language(code).render(Text(message, params)) for code in LANGUAGES}
