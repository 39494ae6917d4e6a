"""Web services that are called: what happened becomes deliveries of the outbox, in the transaction
in which it happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

import orjson

from jalon.adapters.outlets import webhook as web
from jalon.adapters.stores.registry import IntegrationTable
from jalon.app.external_secrets import read_external
from jalon.app.ground import Ground
from jalon.app.integrations.following import IDLE_S, Marks, Selection
from jalon.app.integrations.outside import Outside
from jalon.app.integrations.runner import Desk
from jalon.app.notices.outbox import Kind, Outbox
from jalon.run.codecs.json import written
from jalon.run.control import AlarmNews, CallDue, StateHeard, Subject, SubjectKind
from jalon.run.integrations import messages
from jalon.run.integrations.messages import Happening, iso
from jalon.run.integrations.ports import Kept
from jalon.run.integrations.select import Select
from jalon.run.integrations.spec import Webhook, WebhookEvent
from jalon.run.integrations.states import Standing
from jalon.run.notices.delivery import UNDER_WAY, Delivery, Parcel, Search, State, Undelivered
from jalon.run.ports import StoredRow
from jalon.vocab.errors import UsageError
from jalon.vocab.reading import Location, Quality, Value, ValueKind
from jalon.vocab.text import N_, Text
from jalon.vocab.times import DAY_MS

PARCEL = "webhook"
GIVE_UP_MS = 3 * DAY_MS
"""How long a call is tried again."""
MOST_WAITING = 200
"""Calls of one webhook that wait before its readings are held back, in the store."""
_MOST_ROWS = 20_000
_MOST_COUNTED = 1000


class Calling:
    """Every method may be called from any thread."""

    def __init__(self, ground: Ground, outbox: Callable[[], Outbox]) -> None:
        self._ground = ground
        self._outbox = outbox

    @property
    def kind(self) -> Kind:
        """How the outbox carries calls."""
        return Kind(carry=self._carry)

    def call(self, due: CallDue) -> None:
        """The `call` of a rule; a part of the transaction it is called in."""
        found = self._ground.solution().control.integrations.webhook(due.webhook)
        if found is not None and not found.disabled:
            self.put(found, messages.of_call(due))

    def alarm_news(self, news: AlarmNews) -> None:
        """What became of an alarm; a part of the transaction it is called in."""
        self._tell(WebhookEvent.ALARMS, messages.of_alarm(news))

    def state_news(self, heard: StateHeard) -> None:
        """What a device reports; a part of the transaction it is called in."""
        self._tell(WebhookEvent.STATES, messages.of_state(heard))

    def put(self, settings: Webhook, happening: Happening) -> None:
        """Take a call in, once for each key."""
        now = self._ground.now_ms()
        key = f"{settings.id}:{happening.key}"
        if len(key) > 200:
            key = f"{settings.id}:{sha256(happening.key.encode()).hexdigest()}"
        parcel = Parcel(PARCEL, key, lane(settings.id), "", now, now + GIVE_UP_MS)
        solution = self._ground.solution().about.id
        content, media = messages.body(settings, solution, happening, parcel.token)
        told = orjson.dumps({"media": media, "body": content.decode()}).decode()
        self._outbox().put(Parcel(PARCEL, key, parcel.lane, told, parcel.due_ms, parcel.until_ms))

    def test(self, settings: Webhook) -> None:
        """Call it now, outside the queue. Raises UsageError with what the other side said."""
        now = self._ground.now_ms()
        happening = messages.of_test(now)
        token = sha256(f"{settings.id}:{now}".encode()).hexdigest()
        solution = self._ground.solution().about.id
        content, media = messages.body(settings, solution, happening, token)
        try:
            self._send(settings, token, content, media)
        except Undelivered as missed:
            raise UsageError(missed.text) from missed

    def _tell(self, event: WebhookEvent, happening: Happening) -> None:
        for one in self._ground.solution().control.integrations.webhooks:
            if event in one.events and not one.disabled and self._concerns(one, happening.subject):
                self.put(one, happening)

    def _concerns(self, settings: Webhook, subject: str) -> bool:
        """A device has to be selected; a room or a site has to be among the sites, when there are
        some; what is about everything concerns who selects nothing."""
        about = Subject.parse(subject)
        chosen = settings.select
        match about.kind:
            case SubjectKind.DEVICE:
                device = self._ground.solution().device(about.id)
                return device is not None and chosen.takes_device(device)
            case SubjectKind.SITE | SubjectKind.ROOM:
                wide = Select(sites=chosen.sites)
                site = about.id.partition("/")[0]
                return chosen.model_copy(update={"properties": []}) == wide and (
                    not chosen.sites or site in chosen.sites
                )
            case _:
                return chosen.model_copy(update={"properties": []}) == Select()

    def _carry(self, deliveries: Sequence[Delivery]) -> None:
        for one in deliveries:
            name = one.lane.partition(":")[2]
            settings = self._ground.solution().control.integrations.webhook(name)
            if settings is None:
                text = Text(N_("There is no webhook {id} any more."), {"id": name})
                raise Undelivered(text, permanent=True)
            told = orjson.loads(one.content)
            self._send(settings, one.token, told["body"].encode(), told["media"])

    def _send(self, settings: Webhook, token: str, content: bytes, media: str) -> None:
        headers = {"content-type": media}
        if settings.secret is not None:
            secret = read_external(self._ground.folder, settings.secret)
            if secret is None:
                text = N_("The secret “{name}” has not been set.")
                raise Undelivered(Text(text, {"name": settings.secret}), whole=True)
            headers |= web.signed(token, content, secret, self._ground.now_ms() // 1000)
        else:
            headers |= {"webhook-id": token, "idempotency-key": token}
        request = web.Request(
            "POST", settings.url, headers, content, private=settings.private, ca=settings.ca
        )
        web.send(request)


def lane(webhook_id: str) -> str:
    """What the calls of a webhook go over."""
    return f"webhook:{webhook_id}"


def standing(outbox: Outbox, one: Webhook, desk: Desk | None, now_ms: int) -> Standing:
    """How a webhook is: as its calls go."""
    way = outbox.lanes.all().get(lane(one.id))
    waiting = outbox.records.find(Search(states=UNDER_WAY, lane=lane(one.id)), _MOST_COUNTED)
    sent = outbox.records.find(Search(states=(State.SENT,), lane=lane(one.id)), _MOST_COUNTED)
    lost = (State.FAILED, State.GIVEN_UP)
    failed = outbox.records.find(Search(states=lost, lane=lane(one.id)), _MOST_COUNTED)
    trouble = way.trouble if way else None
    if trouble is None and desk is not None:
        trouble = desk.standing.trouble
    return Standing(
        works=False if trouble else (True if sent else None),
        since_ms=way.since_ms if way and trouble else now_ms,
        trouble=trouble,
        last_ms=sent[0].done_ms if sent else None,
        done=len(sent),
        waiting=len(waiting),
        dropped=len(failed),
    )


class Batching:
    """Puts what the store gets into calls of one webhook: each reading in exactly one of them."""

    def __init__(
        self,
        settings: Webhook,
        calling: Calling,
        outside: Outside,
        selection: Selection,
        ground: Ground,
        marks: Marks,
    ) -> None:
        self._settings = settings
        self._calling = calling
        self._outbox = outside.outbox
        self._store = outside.store
        self._selection = selection
        self._ground = ground
        self._table = IntegrationTable(ground.registry)
        self._marks = marks

    def serve(self, desk: Desk) -> None:
        """Follow the store until stopped."""
        name = f"webhook:{self._settings.id}"
        position = self._table.position(name)
        if position is None or position > self._store.last_change():
            position = self._store.last_change()
            self._table.move(name, position)
        while not desk.stopping():
            self._marks.reach(self._settings.id, position)
            step = self._store.changes(position, _MOST_ROWS)
            if step.start > position:
                desk.lost(desk.standing.dropped + 1)
                position = step.start
                continue
            if step.up_to == position or self._is_full():
                desk.did(0, waiting=self._store.last_change() - position)
                desk.wait(IDLE_S)
                continue
            rows = self._selection.rows(step.stretches)
            with self._ground.registry.work():
                self._put(rows, step.up_to)
                self._table.move(name, step.up_to)
            position = step.up_to
            desk.did(len(rows), waiting=self._store.last_change() - position)

    def check(self) -> None:
        """Call it with a test. Raises UsageError."""
        self._calling.test(self._settings)

    def _is_full(self) -> bool:
        search = Search(states=UNDER_WAY, lane=lane(self._settings.id))
        return len(self._outbox.records.find(search, MOST_WAITING)) >= MOST_WAITING

    def _put(self, rows: Sequence[StoredRow], position: int) -> None:
        series, most = self._selection.series(), self._settings.batch
        solution = self._ground.solution().about.id
        for number, start in enumerate(range(0, len(rows), most)):
            told = [reading(row, series[row.series]) for row in rows[start : start + most]]
            key = f"{position}:{number}"
            now = self._ground.now_ms()
            self._calling.put(self._settings, messages.of_readings(key, now, solution, told))


def reading(row: StoredRow, kept: Kept) -> dict[str, object]:
    """A stored value as other systems read it."""
    return {
        "device": kept.spec.device,
        "property": kept.spec.property,
        "time": iso(row.time_ms),
        "value": written(_value(row, kept.spec.kind)),
        "unit": kept.spec.unit,
        "quality": Quality(row.quality).name.lower().replace("_", "-"),
    }


def _value(row: StoredRow, kind: ValueKind) -> Value:
    match kind:
        case ValueKind.LOCATION if row.text is not None:
            return Location.parse(row.text)
        case ValueKind.BOOLEAN:
            return row.number != 0
        case _ if row.text is not None:
            return row.text
        case _:
            return row.number or 0.0
