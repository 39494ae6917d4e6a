"""How a message leaves: written for its reader, and handed to the outlet of the channel."""

from __future__ import annotations

from collections.abc import Sequence

from jalon.adapters.outlets import mail, template, webhook
from jalon.app.external_secrets import read_external
from jalon.app.ground import Ground
from jalon.app.notices.book import Book
from jalon.app.notices.texts import Reader, compose
from jalon.run.control import Message
from jalon.run.notices.composed import Composed
from jalon.run.notices.delivery import Delivery, Limit
from jalon.run.notices.outlets import Browser, Smtp, Web
from jalon.run.notices.rates import Rate
from jalon.run.notices.spec import Channel, Person

CRITICAL = 4
SHOWN = 100
"""Messages to browsers that a page shows at most."""


class Carrying:
    """The hands of the outbox for messages to people."""

    def __init__(self, ground: Ground, book: Book) -> None:
        self._ground = ground
        self._book = book

    def carry(self, deliveries: Sequence[Delivery]) -> None:
        """Hand over one message, or several of one channel as one. Raises Undelivered."""
        person, channel, outlet = self._book.ends(deliveries[0])
        composed = self.compose(person, channel, deliveries)
        match outlet:
            case Smtp():
                mail.send(outlet, composed, self._secret)
            case Web():
                now_s = self._ground.now_ms() // 1000
                webhook.send(template.write(outlet, composed, self._secret, now_s))
            case Browser():
                return  # pages show what is marked as sent

    def compose(self, person: Person, channel: Channel, deliveries: Sequence[Delivery]) -> Composed:
        """As the person reads it."""
        first, pages = deliveries[0], self._book.file.pages or ""
        zone, address = self._book.zone(person), channel.address or ""
        reader = Reader(person.name, address, person.language, zone, pages)
        messages = [Message.model_validate_json(one.content) for one in deliveries]
        solution = self._ground.solution()
        return compose(first.bundle or first.token, messages, reader, solution)

    def limits(self, delivery: Delivery) -> Sequence[Limit]:
        """How many may go to the person, and over the outlet. What is critical always goes to the
        person."""
        person = self._book.file.person(delivery.person)
        outlet = self._book.file.outlet(delivery.lane.removeprefix("outlet:"))
        found: list[Limit] = []
        if person is not None and person.rate is not None and delivery.rank < CRITICAL:
            found.append(_limit(person.rate, of_person=True))
        if outlet is not None and outlet.rate is not None:
            found.append(_limit(outlet.rate, of_person=False))
        return found

    def _secret(self, name: str) -> str | None:
        return read_external(self._ground.folder, name)


def _limit(rate: Rate, *, of_person: bool) -> Limit:
    return Limit(rate.most, rate.per, of_person)
