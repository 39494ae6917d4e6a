"""Whether what `notifications.yaml` says holds together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from jalon.run.known import Known
from jalon.run.notices.outlets import NEED_ADDRESS, PLACE, PLACES, Gateway, Outlet, Smtp, Web
from jalon.run.notices.spec import Channel, Hours, NotificationsFile, Person, Rota
from jalon.vocab.finding import Mark, Path, Remark, Severity
from jalon.vocab.references import repeated, unknown, unknown_each
from jalon.vocab.text import N_, Text

_PART = "notifications"


def check_notifications(written: NotificationsFile, known: Known) -> Iterator[Remark]:
    """Everything wrong or strange in it."""
    yield from _ids(written)
    for number, outlet in enumerate(written.outlets):
        yield from _outlet(("outlets", number), outlet)
    for number, person in enumerate(written.people):
        yield from _person(("people", number), person, written, known)
    for number, group in enumerate(written.groups):
        yield from _recipients(("groups", number, "members"), group.members, written)
    for number, rota in enumerate(written.rotas):
        yield from _rota(("rotas", number), rota, written, known)
    yield from _circles(written)
    if written.people and written.pages is None:
        text = Text(N_("Messages have no link to these pages: say at which address people open."))
        yield Remark("notifications.no-pages", Severity.INFO, Mark(_PART, ()), text)


def _ids(written: NotificationsFile) -> Iterator[Remark]:
    outlets = [one.id for one in written.outlets]
    yield from repeated("notifications.duplicate-outlet", _PART, ("outlets",), outlets)
    seen: set[str] = set()
    lists: Mapping[str, Sequence[str]] = {
        "people": [one.id for one in written.people],
        "groups": [one.id for one in written.groups],
        "rotas": [one.id for one in written.rotas],
    }
    for key, ids in lists.items():
        for number, name in enumerate(ids):
            if name in seen:
                at = Mark(_PART, (key, number, "id"))
                text = Text(N_("Somebody else is already called “{id}”."), {"id": name})
                yield Remark("notifications.duplicate-recipient", Severity.ERROR, at, text)
            seen.add(name)


def _outlet(path: Path, outlet: Outlet) -> Iterator[Remark]:
    if isinstance(outlet, Smtp) and outlet.security == "none" and outlet.password:
        text = Text(N_("The password would go over the network for everybody to read."))
        at = Mark(_PART, (*path, "security"))
        yield Remark("notifications.open-password", Severity.ERROR, at, text)
    if isinstance(outlet, Smtp) and (outlet.user is None) != (outlet.password is None):
        text = Text(N_("A mail server wants a user and a password, or neither."))
        yield Remark("notifications.half-login", Severity.ERROR, Mark(_PART, path), text)
    url = getattr(outlet, "url", "")
    if isinstance(outlet, Web) and url.startswith("http://") and not outlet.private:
        text = Text(N_("Only a private service (private: true) is called without encryption."))
        at = Mark(_PART, (*path, "url"))
        yield Remark("notifications.not-encrypted", Severity.ERROR, at, text)
    if isinstance(outlet, Gateway):
        yield from _gateway(path, outlet)


def _gateway(path: Path, outlet: Gateway) -> Iterator[Remark]:
    bodies = [one for one in (outlet.json_body, outlet.form, outlet.text) if one is not None]
    if len(bodies) > 1 or (bodies and outlet.method == "GET"):
        said = Text(N_("A request has one body: json, form or text; with GET none."))
        yield Remark("notifications.bodies", Severity.ERROR, Mark(_PART, path), said)
    places = PLACES | set(outlet.secrets)
    texts: list[tuple[Path, str]] = [(("url",), outlet.url)]
    texts += [(("headers", name), text) for name, text in outlet.headers.items()]
    texts += _texts(("json",), outlet.json_body)
    texts += _texts(("form",), outlet.form)
    texts += _texts(("text",), outlet.text)
    for where, written in texts:
        for found in PLACE.findall(written):
            message = N_("There is no place “{id}” to be filled.")
            at = Mark(_PART, (*path, *where))
            yield from unknown("notifications.unknown-place", at, message, found, sorted(places))


def _texts(path: Path, value: object) -> list[tuple[Path, str]]:
    match value:
        case str():
            return [(path, value)]
        case dict():
            return [one for key, inner in value.items() for one in _texts((*path, key), inner)]
        case list():
            return [one for key, inner in enumerate(value) for one in _texts((*path, key), inner)]
        case _:
            return []


def _person(
    path: Path, person: Person, written: NotificationsFile, known: Known
) -> Iterator[Remark]:
    keys = [one.key for one in person.channels]
    for number, channel in enumerate(person.channels):
        at = (*path, "channels", number)
        if channel.key in keys[:number]:
            text = Text(
                N_("Two channels of {name} are called “{id}”: give one of them an id."),
                {"name": person.name, "id": channel.key},
            )
            yield Remark("notifications.duplicate-channel", Severity.ERROR, Mark(_PART, at), text)
        yield from _channel(at, channel, written, known)
    if not person.channels:
        text = Text(N_("{name} cannot be reached: there is no channel."), {"name": person.name})
        yield Remark("notifications.no-channel", Severity.WARNING, Mark(_PART, path), text)


def _channel(
    path: Path, channel: Channel, written: NotificationsFile, known: Known
) -> Iterator[Remark]:
    outlets = [one.id for one in written.outlets]
    message = N_("There is no outlet “{id}”.")
    at = Mark(_PART, (*path, "outlet"))
    yield from unknown("notifications.unknown-outlet", at, message, channel.outlet, outlets)
    outlet = written.outlet(channel.outlet)
    if isinstance(outlet, NEED_ADDRESS) and channel.address is None:
        text = Text(N_("This outlet needs the address of the person."))
        yield Remark("notifications.no-address", Severity.ERROR, Mark(_PART, path), text)
    if isinstance(outlet, Smtp) and channel.address and not _is_mail(channel.address):
        text = Text(N_("This is no mail address, as awa@example.org."))
        at = Mark(_PART, (*path, "address"))
        yield Remark("notifications.bad-address", Severity.ERROR, at, text)
    yield from _hours((*path, "hours"), channel.hours, known)
    yield from _hours((*path, "quiet"), channel.quiet, known)


def _is_mail(text: str) -> bool:
    name, sign, domain = text.rpartition("@")
    odd = any(char.isspace() or not char.isprintable() or char in '<>,;:"()[]\\' for char in text)
    return bool(name and sign and domain) and not odd


def _hours(path: Path, hours: Hours | None, known: Known) -> Iterator[Remark]:
    if hours is not None and hours.calendar is not None:
        message = N_("There is no calendar “{id}” in calendars.yaml.")
        at = Mark(_PART, (*path, "calendar"))
        ids = sorted(known.calendars.ids)
        yield from unknown("notifications.unknown-calendar", at, message, hours.calendar, ids)


def _recipients(path: Path, ids: Sequence[str], written: NotificationsFile) -> Iterator[Remark]:
    message = N_("There is no person, group or rota “{id}”.")
    rule = "notifications.unknown-recipient"
    yield from unknown_each(rule, _PART, path, message, ids, sorted(written.recipients))


def _rota(path: Path, rota: Rota, written: NotificationsFile, known: Known) -> Iterator[Remark]:
    people = [one.id for one in written.people]
    message = N_("There is no person “{id}”.")
    rule = "notifications.unknown-person"
    yield from unknown_each(rule, _PART, (*path, "people"), message, rota.people, people)
    for number, override in enumerate(rota.overrides):
        at = (*path, "overrides", number)
        mark = Mark(_PART, (*at, "person"))
        yield from unknown(rule, mark, message, override.person, people)
        if override.end <= override.start:
            text = Text(N_("It ends before it begins."))
            yield Remark("notifications.override", Severity.ERROR, Mark(_PART, at), text)
    if rota.otherwise is not None:
        mark = Mark(_PART, (*path, "otherwise"))
        message = N_("There is no person, group or rota “{id}”.")
        known_ids = sorted(written.recipients)
        yield from unknown(
            "notifications.unknown-recipient", mark, message, rota.otherwise, known_ids
        )
    yield from _hours((*path, "hours"), rota.hours, known)


def _circles(written: NotificationsFile) -> Iterator[Remark]:
    """Groups that are members of themselves, by whatever way."""
    members = {one.id: one.members for one in written.groups}
    for number, group in enumerate(written.groups):
        waiting, seen = list(group.members), set[str]()
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting += members.get(name, ())
        if group.id in seen:
            at = Mark(_PART, ("groups", number, "members"))
            text = Text(N_("The group “{id}” contains itself."), {"id": group.id})
            yield Remark("notifications.circle", Severity.ERROR, at, text)
