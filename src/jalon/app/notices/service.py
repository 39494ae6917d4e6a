"""What people are told by a running solution."""

from __future__ import annotations

from jalon.app.ground import Ground
from jalon.app.notices.book import Book
from jalon.app.notices.carrying import SHOWN, Carrying
from jalon.app.notices.dispatch import NOTICE, Dispatch, Way
from jalon.app.notices.lanes import Lane
from jalon.app.notices.outbox import Kind, Outbox
from jalon.run.control import Message, NoticeDue, Subject, SubjectKind
from jalon.run.notices.composed import Composed
from jalon.run.notices.delivery import Delivery
from jalon.run.notices.outlets import Browser
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

_TEST_WORDS = {"en": "Test message", "fr": "Message d'essai"}
_TEST_BODY = {
    "en": "Nothing has happened. This shows that messages reach you here.",
    "fr": "Il ne s'est rien passé. Ce message montre que vous êtes joignable ici.",
}


class Notices:
    """Every method may be called from any thread.

    `outbox` also carries what others put into it, under a kind of their own. `book` tells who
    there is and who is on call.
    """

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.book = Book(ground)
        self.outbox = Outbox(ground.registry, ground.now_ms)
        self._dispatch = Dispatch(ground, self.book, self.outbox)
        self._carrying = Carrying(ground, self.book)
        self.outbox.kinds[NOTICE] = Kind(
            carry=self._carrying.carry,
            bundles=True,
            limits=self._carrying.limits,
            missed=self._dispatch.missed,
            keep_ms=lambda: self.book.file.keep,
        )

    def start(self) -> None:
        """Begin what runs by itself."""
        self.outbox.start()

    def stop(self) -> None:
        """End it; what is on its way is kept for the next start."""
        self.outbox.stop()

    def carry_out(self, due: NoticeDue) -> None:
        """Tell; a part of the transaction it is called in."""
        self.post(
            Message(
                key=due.key,
                at_ms=due.at_ms,
                to=due.to,
                title=due.words,
                severity=due.severity,
                path=_page(due.subject),
                subject=due.subject,
                values=due.values,
            )
        )

    def post(self, message: Message) -> None:
        """Put into the outbox; a part of the transaction it is called in."""
        self._dispatch.post(message)

    def test(self, person_id: str, channel_key: str = "") -> list[int]:
        """Send a message that says it is a test, at once, over one channel or every one; the ids
        of the deliveries. Raises UsageError."""
        person = self.book.file.person(person_id)
        if person is None:
            raise UsageError(Text(N_("There is no person {id}."), {"id": person_id}))
        chosen = [one for one in person.channels if channel_key in ("", one.key)]
        if not chosen:
            words = {"name": person.name, "id": channel_key or "–"}
            raise UsageError(Text(N_("{name} has no channel “{id}”."), words))
        now = self._ground.now_ms()
        message = Message(
            key=f"test:{person_id}:{now}",
            at_ms=now,
            to=[person_id],
            title=_TEST_WORDS,
            body=_TEST_BODY,
            path="/notifications",
        )
        with self._ground.registry.work():
            for channel in chosen:
                self._dispatch.put(message, person, Way(channel, now))
        return [one.id for one in self.outbox.records.of_key(NOTICE, message.key, person_id)]

    @property
    def broken(self) -> dict[str, Lane]:
        """Outlets of the files that did not work the last time, by id."""
        lanes = self.outbox.lanes.all()
        found = {one.id: lanes.get(f"outlet:{one.id}") for one in self.book.file.outlets}
        return {name: lane for name, lane in found.items() if lane and lane.trouble}

    @property
    def trouble(self) -> str:
        """The same in a line; "" when all work."""
        return "; ".join(f"{name}: {lane.trouble}" for name, lane in self.broken.items())

    def for_browser(self, user: str, since_ms: int = 0) -> list[tuple[Delivery, Composed]]:
        """What was sent to the open pages of somebody who signs in as `user`, since a time, the
        oldest first."""
        found: list[tuple[Delivery, Composed]] = []
        file = self.book.file
        for person in file.people:
            for channel in person.channels:
                is_screen = isinstance(file.outlet(channel.outlet), Browser)
                if is_screen and channel.address == user:
                    rows = self.outbox.records.to_channel(person.id, channel.key, since_ms, SHOWN)
                    found += [(row, self._carrying.compose(person, channel, [row])) for row in rows]
        return sorted(found, key=lambda one: (one[0].done_ms or 0, one[0].id))


def _page(subject: str) -> str:
    try:
        about = Subject.parse(subject)
    except ValueError:
        return "/"
    return f"/devices/{about.id}" if about.kind is SubjectKind.DEVICE else "/"
