"""What `jalon check` says of `notifications.yaml`."""

from __future__ import annotations

import pytest
import yaml
from pydantic import ValidationError

from jalon.run.calendars import CalendarsFile
from jalon.run.fleet import Fleet
from jalon.run.known import Known
from jalon.run.notices.checks import check_notifications
from jalon.run.notices.spec import NotificationsFile

GOOD = """
pages: https://jalon.example.org
outlets:
  - {id: mail, kind: smtp, host: smtp.example.org, from: Jalon <jalon@example.org>}
  - {id: sms, kind: gateway, url: "https://sms.example.org/{to}", secrets: {pass: sms-key},
     json: {text: "{short}", key: "{pass}"}}
people:
  - id: awa
    name: Awa
    channels:
      - {outlet: mail, address: awa@example.org, quiet: {from: "22:00", to: "07:00"}}
      - {outlet: sms, address: "+33", hours: {calendar: office}}
  - {id: ben, name: Ben, channels: [{outlet: mail, address: ben@example.org}]}
groups:
  - {id: all, name: All, members: [awa, night]}
rotas:
  - {id: night, name: Night, zone: Europe/Paris, starts: 2026-01-05, people: [awa, ben],
     otherwise: all, overrides: [{person: ben, from: 2026-12-24T18:00, to: 2026-12-26T09:00}]}
"""


def found(text: str) -> list[tuple[str, tuple[str | int, ...]]]:
    """Rule and place of every remark."""
    calendars = CalendarsFile.model_validate({"calendars": [{"id": "office"}]})
    known = Known({}, Fleet(), calendars=calendars)
    written = NotificationsFile.model_validate(yaml.safe_load(text))
    return [(one.rule, one.at.path) for one in check_notifications(written, known)]


def test_a_good_file_says_nothing() -> None:
    assert found(GOOD) == []
    written = NotificationsFile.model_validate(yaml.safe_load(GOOD))
    assert written.recipients == {"awa", "ben", "all", "night"}


@pytest.mark.parametrize(
    ("old", "new", "rule", "path"),
    [
        ("pages: https://jalon.example.org", "", "no-pages", ()),
        ("id: sms, kind", "id: mail, kind", "duplicate-outlet", ("outlets", 1, "id")),
        ("id: all", "id: awa", "duplicate-recipient", ("groups", 0, "id")),
        (
            "from: Jalon",
            "security: none, user: j, password: p, from: Jalon",
            "open-password",
            ("outlets", 0, "security"),
        ),
        ("from: Jalon", "user: j, from: Jalon", "half-login", ("outlets", 0)),
        ("https://sms", "http://sms", "not-encrypted", ("outlets", 1, "url")),
        ("{short}", "{shrt}", "unknown-place", ("outlets", 1, "json", "text")),
        ("json: {", "text: x, json: {", "bodies", ("outlets", 1)),
        ("{outlet: sms, address", "{outlet: fax, address", "unknown-outlet",
         ("people", 0, "channels", 1, "outlet")),
        ("{outlet: sms, address", "{outlet: sms, id: mail, address", "duplicate-channel",
         ("people", 0, "channels", 1)),
        (", address: ben@example.org", "", "no-address", ("people", 1, "channels", 0)),
        ("ben@example.org", "ben at example", "bad-address",
         ("people", 1, "channels", 0, "address")),
        ("channels: [{outlet: mail, address: ben@example.org}]", "channels: []", "no-channel",
         ("people", 1)),
        ("calendar: office", "calendar: shop", "unknown-calendar",
         ("people", 0, "channels", 1, "hours", "calendar")),
        ("members: [awa, night]", "members: [awa, nigth]", "unknown-recipient",
         ("groups", 0, "members", 1)),
        ("members: [awa, night]", "members: [awa, all]", "circle", ("groups", 0, "members")),
        ("people: [awa, ben]", "people: [awa, bob]", "unknown-person", ("rotas", 0, "people", 1)),
        ("otherwise: all", "otherwise: none", "unknown-recipient", ("rotas", 0, "otherwise")),
        ("to: 2026-12-26T09:00", "to: 2026-12-23T09:00", "override", ("rotas", 0, "overrides", 0)),
    ],
)  # fmt: skip
def test_what_does_not_hold_together_is_told(
    old: str, new: str, rule: str, path: tuple[str | int, ...]
) -> None:
    assert old in GOOD
    told = found(GOOD.replace(old, new))
    assert (f"notifications.{rule}", path) in told


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("https://sms.example.org/{to}", "https://{to}.example.org/"),
        ("https://sms.example.org/{to}", "https://user:word@sms.example.org/"),
        ("https://sms.example.org/{to}", "file:///etc/passwd"),
        ('"22:00"', "25:00"),
        ("https://jalon.example.org", "javascript:alert(1)"),
        ("2026-12-24T18:00", "2026-12-24T18:00Z"),
        ("address: ben@example.org", "digest: {every: 10 s}"),
        ("address: ben@example.org", "digest: {every: 1 h, daily: '08:00'}"),
        ("from: Jalon <jalon@example.org>", 'from: "Jalon\\nBcc: x <jalon@example.org>"'),
    ],
)
def test_what_no_file_may_say_is_refused(old: str, new: str) -> None:
    assert old in GOOD
    with pytest.raises(ValidationError):
        NotificationsFile.model_validate(yaml.safe_load(GOOD.replace(old, new)))
