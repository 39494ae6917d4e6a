"""What people read: the severity in a word, what, where, values, since when, what to do. Plain and
short, in their language and zone; the same as text and as simple HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from zoneinfo import ZoneInfo

from jalon.app.formats import Formats
from jalon.app.language import Language, language
from jalon.app.solution import Solution
from jalon.run.control import AlarmSeverity, Message, Scalar, Subject, SubjectKind
from jalon.run.notices.composed import Composed
from jalon.run.things import Property
from jalon.vocab.text import N_, Names, Text

_SEVERITIES: Mapping[str, str] = {
    AlarmSeverity.CRITICAL: N_("Critical"),
    AlarmSeverity.MAJOR: N_("Major"),
    AlarmSeverity.MINOR: N_("Minor"),
    AlarmSeverity.WARNING: N_("Warning"),
    "cleared": N_("Over"),
    "notice": N_("Notice"),
}
_DEFAULT = "notice"


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom it is written. `pages` is where the pages are, "" when nobody has said it."""

    name: str
    address: str
    language: str
    zone: ZoneInfo
    pages: str = ""


@dataclass(frozen=True, slots=True)
class _Said:
    """One message in the reader's words. `facts` are (name, value); `advice` are the author's."""

    title: str
    advice: list[str]
    facts: list[tuple[str, str]]
    link: str | None


def severity_name(message: Message) -> str:
    """One of `AlarmSeverity`, `cleared` for an alarm without any, else `notice`."""
    if message.severity is not None:
        return message.severity.value
    return "cleared" if message.alarm is not None else _DEFAULT


def severity_word(name: str) -> Text:
    """How it is called."""
    return Text(_SEVERITIES[name])


def compose(key: str, messages: Sequence[Message], reader: Reader, solution: Solution) -> Composed:
    """One message, or several gathered into one."""
    spoken = language(reader.language)
    writer = _Writer(spoken, Formats(spoken), reader, solution)
    first = max(messages, key=lambda one: one.severity.rank if one.severity else 0)
    said = [writer.say(one) for one in messages]
    name = severity_name(first)
    word = spoken.render(severity_word(name))
    single = len(said) == 1
    title = said[0].title if single else writer.digest_title(messages, word)
    pages = reader.pages.rstrip("/")
    return Composed(
        key=key,
        to=reader.address,
        name=reader.name,
        language=spoken.code,
        rank=first.severity.rank if first.severity else 0,
        severity=name,
        word=word,
        title=title,
        text=writer.text(title, said),
        html=writer.html(title, said),
        link=said[0].link if single else (f"{pages}/notifications" if pages else None),
        at_ms=first.at_ms,
        about=f"alarm:{first.alarm}" if single and first.alarm is not None else "",
    )


@dataclass(frozen=True, slots=True)
class _Writer:
    spoken: Language
    formats: Formats
    reader: Reader
    solution: Solution

    def _(self, message: str, **params: object) -> str:
        return self.spoken.render(Text(message, params))

    def say(self, message: Message) -> _Said:
        word = self.spoken.render(severity_word(severity_name(message)))
        what = Names(message.title).in_language(self.spoken.code)
        where = place(self.solution, message.subject)
        title = self._(N_("{severity}: {what}"), severity=word, what=what)
        if where:
            title = self._(N_("{title} – {place}"), title=title, place=where)
        facts = [(self._(N_("Where")), where)] if where else []
        facts += [self._value(message.subject, *one) for one in message.values.items()]
        since = self.formats.time(message.at_ms, self.reader.zone, seconds=False)
        facts.append((self._(N_("Since")), since))
        body = Names(message.body).in_language(self.spoken.code) if message.body else ""
        pages = self.reader.pages.rstrip("/")
        link = f"{pages}{message.path}" if pages else None
        return _Said(_line(title), [line for line in body.splitlines() if line], facts, link)

    def digest_title(self, messages: Sequence[Message], word: str) -> str:
        """How many, and the worst of them."""
        text = self.spoken.ngettext("{count} message", "{count} messages", len(messages))
        gathered = text.format(count=self.formats.count(len(messages)))
        return self._(N_("{severity}: {what}"), severity=word, what=gathered)

    def _value(self, subject: str, name: str, value: Scalar) -> tuple[str, str]:
        prop = _property(self.solution, subject, name)
        if prop is not None:
            title = prop.names(name).in_language(self.spoken.code)
            return title, self.formats.value(value, prop)
        match value:
            case bool():
                return name, self._(N_("yes") if value else N_("no"))
            case int() | float():
                return name, self.formats.number(value)
            case None:
                return name, "–"
            case str():
                return name, value

    def text(self, title: str, said: Sequence[_Said]) -> str:
        """Plain text: one fact a line."""
        parts = [] if len(said) == 1 else [title]
        for one in said:
            lines = [one.title, *one.advice]
            lines += [
                self._(N_("{name}: {value}"), name=name, value=value) for name, value in one.facts
            ]
            if one.link:
                lines.append(self._(N_("{name}: {value}"), name=self._more(), value=one.link))
            parts.append("\n".join(lines))
        parts.append(f"-- \n{self._foot()}")
        return "\n\n".join(parts) + "\n"

    def html(self, title: str, said: Sequence[_Said]) -> str:
        """A document with headings, a list of facts and a link: no picture, no colour."""
        single = len(said) == 1
        parts = [] if single else [f"<h1>{escape(title)}</h1>"]
        heading = "h1" if single else "h2"
        for one in said:
            parts.append(f"<{heading}>{escape(one.title)}</{heading}>")
            parts += [f"<p>{escape(line)}</p>" for line in one.advice]
            facts = "".join(
                f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in one.facts
            )
            parts.append(f"<dl>{facts}</dl>")
            if one.link:
                target = escape(one.link)
                text = escape(f"{self._more()}: {one.title}" if not single else self._more())
                parts.append(f'<p><a href="{target}">{text}</a></p>')
        parts.append(f"<hr><p>{escape(self._foot())}</p>")
        head = f'<meta charset="utf-8"><title>{escape(title)}</title>'
        body = "\n".join(parts)
        return (
            f'<!DOCTYPE html>\n<html lang="{self.spoken.code}"><head>{head}</head>\n'
            f"<body>\n{body}\n</body></html>\n"
        )

    def _more(self) -> str:
        return self._(N_("See and act"))

    def _foot(self) -> str:
        name = self.solution.about.name.in_language(self.spoken.code)
        return self._(
            N_("Sent to {person} by {solution} (Jalon)."), person=self.reader.name, solution=name
        )


def place(solution: Solution, subject: str) -> str:
    """Site, room and device by their names; "" of the whole solution."""
    try:
        about = Subject.parse(subject)
    except ValueError:
        return ""
    if about.kind is SubjectKind.DEVICE:
        device = solution.device(about.id)
        if device is None:
            return about.id
        room = solution.room(device)
        names = [solution.site(device.site).name, room.name if room else "", device.name]
        return ", ".join(name for name in names if name)
    if about.kind in (SubjectKind.SITE, SubjectKind.ROOM):
        site_id, _, room_id = about.id.partition("/")
        for site in solution.fleet.sites:
            if site.id == site_id:
                rooms = [one.name for one in site.rooms if one.id == room_id]
                return ", ".join([site.name, *rooms])
    return about.id


def _property(solution: Solution, subject: str, name: str) -> Property | None:
    """The property a value is of: of the device itself, or of one in the room."""
    kind, _, key = subject.partition(":")
    site, _, room = key.partition("/")
    for device in solution.fleet.devices:
        mine = device.id == key if kind == "device" else device.site == site and device.room == room
        if mine and name in solution.properties(device):
            return solution.properties(device)[name]
    return None


def _line(text: str) -> str:
    return " ".join(text.split())
