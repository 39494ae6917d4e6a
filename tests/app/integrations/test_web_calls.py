"""Web services are called with what happened, signed, and until they answer."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from contextlib import suppress

import orjson
import pytest
from export_office import DEVICE, ExportOffice
from letterboxes import Asked, WebService, web_service
from waiting import wait_for

from jalon.adapters.stores.registry import IntegrationTable
from jalon.run.control import AlarmNews, AlarmSeverity, CallDue, StateHeard
from jalon.vocab.errors import UsageError


@pytest.fixture
def service() -> Iterator[WebService]:
    """A web service."""
    with web_service() as found:
        yield found


def hook(service: WebService, *events: str, **more: object) -> dict[str, object]:
    """An entry of `webhooks`."""
    return {
        "id": "ops",
        "url": f"{service.url}/in",
        "private": True,
        "events": list(events),
        **more,
    }


def bodies(service: WebService) -> list[dict[str, object]]:
    """What the service was told."""
    with service.lock:
        return [orjson.loads(one.body) for one in service.asked]


def call(office: ExportOffice, key: str = "k1") -> CallDue:
    """A rule calls."""
    return CallDue(
        at_ms=office.now, key=key, by="rule:stuffy", subject=f"device:{DEVICE}", webhook="ops"
    )


def is_signed(asked: Asked, secret: str) -> bool:
    """As a receiver checks it, after Standard Webhooks."""
    content = f"{asked.headers['webhook-id']}.{asked.headers['webhook-timestamp']}.".encode()
    digest = hmac.new(secret.encode(), content + asked.body, hashlib.sha256).digest()
    return asked.headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"


def test_the_call_of_a_rule_goes_out_once_and_signed(
    office: ExportOffice, service: WebService
) -> None:
    office.secret("ops-key", "s3cret")
    office.write(webhooks=[hook(service, "calls", secret="ops-key")])
    office.integrations.start()
    service.answers.append((503, {"retry-after": "0"}, b"later"))
    for _ in range(2):
        with office.registry.work():
            office.integrations.carry_out(call(office))
    wait_for(lambda: len(service.asked) == 2, 40)
    first, second = service.asked
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert is_signed(second, "s3cret")
    wait_for(lambda: office.works("ops"))
    standing = office.shown("ops").standing
    assert standing
    assert (standing.done, standing.waiting) == (1, 0)


def test_a_transaction_that_fails_calls_nobody(office: ExportOffice, service: WebService) -> None:
    office.write(webhooks=[hook(service, "calls")])
    office.integrations.start()
    with suppress(ZeroDivisionError), office.registry.work():
        office.integrations.carry_out(call(office, "undone"))
        _ = 1 / 0
    with office.registry.work():
        office.integrations.carry_out(call(office, "done"))
    wait_for(lambda: office.works("ops"))
    assert len(service.asked) == 1
    standing = office.shown("ops").standing
    assert standing
    assert (standing.done, standing.waiting) == (1, 0)


def test_alarms_and_states_are_told_of_selected_devices(
    office: ExportOffice, service: WebService
) -> None:
    select = {"devices": [DEVICE]}
    office.write(webhooks=[hook(service, "alarms", "states", select=select, format="cloudevents")])
    office.integrations.start()
    for alarm, device in enumerate((DEVICE, "zay-canteen")):
        news = AlarmNews(
            alarm=alarm,
            what="raised",
            at_ms=office.now,
            rule="stuffy",
            subject=f"device:{device}",
            severity=AlarmSeverity.MAJOR,
            words={"en": "Stuffy"},
        )
        with office.registry.work():
            office.integrations.alarm_news(news)
    state = StateHeard(
        at_ms=office.now,
        key="s1",
        by=f"device:{DEVICE}",
        subject=f"device:{DEVICE}",
        reported={"led": "on"},
    )
    with office.registry.work():
        office.integrations.state_news(state)
    wait_for(lambda: len(service.asked) == 2)
    told = {str(one["type"]): one for one in bodies(service)}
    assert set(told) == {"jalon.alarm.raised", "jalon.device.state"}
    assert {one["subject"] for one in told.values()} == {f"device:{DEVICE}"}
    assert service.asked[0].headers["content-type"] == "application/cloudevents+json"


def test_every_reading_is_in_exactly_one_call(office: ExportOffice, service: WebService) -> None:
    entry = hook(service, "readings", select={"properties": ["co2"]}, batch=2)
    office.write(webhooks=[entry])
    office.integrations.start()
    table = IntegrationTable(office.registry)
    wait_for(lambda: table.position("webhook:ops") is not None)
    office.hear(office.now, 600.0)
    wait_for(lambda: sent(service) == [600.0])
    office.integrations.stop()
    office.hear(office.now, 20.5, name="temperature")
    for step in range(1, 6):
        office.hear(office.now + step, 600.0 + step)
    office.join()
    office.integrations.start()
    wait_for(lambda: sent(service) == [600.0 + step for step in range(6)])
    wait_for(lambda: table.position("webhook:ops") == office.store.last_change())
    assert all(len(one["readings"]) <= 2 for one in bodies(service))  # type: ignore[arg-type]


def sent(service: WebService) -> list[float]:
    """Values the service got, sorted."""
    found: list[float] = []
    for one in bodies(service):
        readings = one["readings"]
        assert isinstance(readings, list)
        found += [reading["value"] for reading in readings]
    return sorted(found)


def test_a_webhook_can_be_tried(office: ExportOffice, service: WebService) -> None:
    office.write(webhooks=[hook(service, "calls")])
    office.integrations.test("ops")
    assert bodies(service)[0]["type"] == "test"
    service.answers.append((404, {}, b"no such hook"))
    with pytest.raises(UsageError, match="404"):
        office.integrations.test("ops")
    with pytest.raises(UsageError, match="no integration"):
        office.integrations.test("nothing")
