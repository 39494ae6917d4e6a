"""People are told: once each, in their language, when they want, by another way if one fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from letterboxes import MailServer, WebService, mail_server, web_service
from notice_office import NOON_MS, Office, message, office
from waiting import wait_for

from jalon.run.control import AlarmSeverity, NoticeDue
from jalon.run.journal import Kind
from jalon.run.notices.delivery import Search, State
from jalon.vocab.errors import UsageError

HOUR_MS = 3_600_000
CRITICAL = AlarmSeverity.CRITICAL


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as found:
        yield found


@pytest.fixture
def service() -> Iterator[WebService]:
    with web_service() as found:
        yield found


def school(
    folder: Path, server: MailServer, people: str, more: str = "", give_up: str = "1 d"
) -> Office:
    """An office with a mail server of its own."""
    return office(
        folder,
        f"""
pages: https://jalon.example.org
give_up: {give_up}
outlets:
  - {{id: mail, kind: smtp, host: localhost, port: {server.port}, security: none,
     from: Jalon <jalon@example.org>}}
{more}
people:
{people}
groups:
  - {{id: everybody, name: Everybody, members: [awa, ben]}}
""",
    )


AWA = "  - {id: awa, name: Awa, language: fr, zone: Europe/Paris, channels: [%s]}\n"
BEN = "  - {id: ben, name: Ben, zone: Europe/Paris, channels: [%s]}\n"
MAIL_AWA = "{outlet: mail, address: awa@example.org}"
MAIL_BEN = "{outlet: mail, address: ben@example.org}"


def test_two_people_of_one_outlet_each_read_their_own_language(
    tmp_path: Path, server: MailServer
) -> None:
    desk = school(tmp_path, server, AWA % MAIL_AWA + BEN % MAIL_BEN)
    desk.post(message(to=("everybody", "awa")))
    desk.work()

    texts = {str(mail["To"]): mail for mail in server.mails}
    french, english = texts["Awa <awa@example.org>"], texts["Ben <ben@example.org>"]
    assert len(server.mails) == 2
    assert french["Message-ID"] != english["Message-ID"]
    assert "CO₂ élevé" in french["Subject"]
    assert english["Subject"].startswith("Major: CO₂ is high – ")
    body = english.get_body(("plain",))
    assert body is not None
    text = body.get_content().replace("\u202f", " ")
    assert "Open the windows." in text
    assert "1,612 ppm" in text
    assert "23 Nov 2026, 11:59 CET" in text
    assert "https://jalon.example.org/alarms/7" in text
    html = french.get_body(("html",))
    assert html is not None
    assert '<html lang="fr">' in html.get_content()
    assert desk.states() == {"awa/mail": "sent", "ben/mail": "sent"}


def test_the_same_key_is_told_once_for_ever(tmp_path: Path, server: MailServer) -> None:
    desk = school(tmp_path, server, AWA % MAIL_AWA)
    desk.post(message())
    desk.work()
    desk.post(message())
    desk.post(message(key="m2"))
    desk.work()

    assert len(server.mails) == 2


def test_what_is_undone_is_not_sent(tmp_path: Path, server: MailServer) -> None:
    desk = school(tmp_path, server, AWA % MAIL_AWA)

    def refused() -> None:
        with desk.registry.work():
            desk.notices.post(message())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        refused()
    assert desk.work() == 0


def test_a_decision_of_a_rule_is_told(tmp_path: Path, server: MailServer) -> None:
    desk = school(tmp_path, server, AWA % MAIL_AWA)
    due = NoticeDue(
        at_ms=NOON_MS,
        key="k",
        by="rule:door",
        subject="site:jean-zay",
        to=["awa"],
        words={"en": "The door is open", "fr": "La porte est ouverte"},
    )
    with desk.registry.work():
        desk.notices.carry_out(due)
        desk.notices.carry_out(due)
    desk.work()

    [mail] = server.mails
    assert "La porte est ouverte" in mail["Subject"]


def test_quiet_hours_hold_what_is_not_critical_and_gather_it(
    tmp_path: Path, server: MailServer
) -> None:
    quiet = MAIL_AWA[:-1] + ", quiet: {from: '22:00', to: '07:00'}}"
    desk = school(tmp_path, server, BEN.replace("ben", "awa") % quiet)
    desk.clock.ms = NOON_MS + 11 * HOUR_MS
    desk.post(message("a"))
    desk.post(message("b", AlarmSeverity.MINOR))
    desk.post(message("c", CRITICAL))
    desk.work()

    assert [mail["Subject"].split(":")[0] for mail in server.mails] == ["Critical"]
    held = desk.notices.outbox.records.find(Search(states=(State.HELD,)))
    assert {one.hold.value for one in held} == {"quiet"}
    assert {one.due_ms for one in held} == {NOON_MS + 19 * HOUR_MS}

    desk.clock.ms = NOON_MS + 19 * HOUR_MS
    assert desk.work() == 1
    gathered = server.mails[1]
    assert gathered["Subject"] == "Major: 2 messages"
    body = gathered.get_body(("plain",))
    assert body is not None
    assert body.get_content().count("CO₂ is high") == 2


def test_a_digest_is_sent_under_the_same_id_when_it_is_sent_again(
    tmp_path: Path, server: MailServer
) -> None:
    digest = MAIL_AWA[:-1] + ", digest: {every: 30 min}}"
    desk = school(tmp_path, server, AWA % digest)
    for number in range(3):
        desk.post(message(f"m{number}"))
    desk.clock.ms += HOUR_MS // 2
    server.refusals = {"awa@example.org": "451 later"}
    assert desk.work() == 1
    desk.post(message("another"))
    server.refusals = {}
    desk.clock.ms += HOUR_MS
    desk.work()

    assert sorted(mail["Subject"].count("3 message") for mail in server.mails) == [0, 1]
    assert len(set(server.ids())) == 2


def test_a_channel_out_of_its_hours_is_passed_over_unless_it_is_the_only_one(
    tmp_path: Path, server: MailServer
) -> None:
    office_hours = MAIL_AWA[:-1] + ", id: work, hours: {from: '08:00', to: '18:00'}}"
    home = "{outlet: mail, id: home, address: awa@home.example, at_least: major}"
    desk = school(tmp_path, server, AWA % f"{office_hours}, {home}")
    desk.clock.ms = NOON_MS + 8 * HOUR_MS
    desk.post(message("a"))
    desk.post(message("b", AlarmSeverity.WARNING))
    desk.work()

    found = desk.notices.outbox.records.find(Search())
    assert [(one.key, one.channel, one.state.value) for one in reversed(found)] == [
        ("a", "home", "sent"),
        ("b", "work", "held"),
    ]


def test_who_was_told_that_it_began_is_told_that_it_is_over(
    tmp_path: Path, server: MailServer
) -> None:
    desk = school(tmp_path, server, AWA % (MAIL_AWA[:-1] + ", at_least: major}") + BEN % MAIL_BEN)
    desk.post(message("raised", AlarmSeverity.MAJOR, ("awa",), alarm=7))
    desk.post(message("cleared", None, ("everybody",), alarm=7))
    desk.post(message("other cleared", None, ("awa",), alarm=8))
    desk.work()

    found = desk.notices.outbox.records.find(Search())
    assert [(one.key, one.person) for one in reversed(found)] == [
        ("raised", "awa"),
        ("cleared", "awa"),
        ("cleared", "ben"),
    ]
    assert desk.journal.notes == []


def test_a_message_to_nobody_is_written_down(tmp_path: Path, server: MailServer) -> None:
    desk = school(tmp_path, server, AWA % "")
    desk.post(message())

    assert [note.kind for note in desk.journal.notes] == [Kind.NOTICE_TO_NOBODY]


def test_what_is_critical_takes_the_next_channel_when_one_says_no(
    tmp_path: Path, server: MailServer, service: WebService
) -> None:
    hook = f"  - {{id: sms, kind: webhook, url: '{service.url}', private: true}}"
    ways = MAIL_AWA + ", {outlet: sms, address: '+33', reserve: true}"
    desk = school(tmp_path, server, AWA % ways, hook)
    server.refusals = {"awa@example.org": "550 gone"}
    desk.post(message("minor", AlarmSeverity.MINOR))
    desk.post(message("critical", CRITICAL))
    desk.work()

    assert desk.states() == {"awa/mail": "failed", "awa/sms": "sent"}
    assert len(service.asked) == 1
    failed = [note for note in desk.journal.notes if note.kind is Kind.NOTICE_FAILED]
    assert [note.who for note in failed] == ["awa", "awa"]


def test_what_is_critical_does_not_wait_for_a_dead_server(
    tmp_path: Path, service: WebService
) -> None:
    with mail_server() as dead:
        pass
    hook = f"  - {{id: sms, kind: webhook, url: '{service.url}', private: true}}"
    ways = MAIL_AWA + ", {outlet: sms, address: '+33', reserve: true}"
    desk = school(tmp_path, dead, AWA % ways, hook)
    for number in range(5):
        desk.post(message(f"m{number}", CRITICAL))
    desk.work()
    assert service.asked == []
    assert "mail: localhost cannot be reached" in desk.notices.trouble

    for _ in range(30):
        desk.clock.ms += 10_000
        desk.work()
    assert len(service.asked) == 5
    mails = desk.notices.outbox.records.find(Search(lane="outlet:mail"))
    assert {one.state for one in mails} == {State.QUEUED}
    assert all(str(one.error or "localhost").startswith("localhost") for one in mails)


def test_a_dead_outlet_holds_up_no_other_and_gets_all_when_it_is_back(
    tmp_path: Path, service: WebService
) -> None:
    with mail_server() as dead:
        pass
    hook = f"  - {{id: hook, kind: webhook, url: '{service.url}', private: true}}"
    desk = school(tmp_path, dead, AWA % MAIL_AWA + BEN % "{outlet: hook}", hook)
    for number in range(10):
        desk.post(message(f"m{number}", to=("everybody",)))
    tries = desk.work()
    assert len(service.asked) == 10
    assert tries == 11  # one try was enough to know that mail does not work

    with mail_server(port=dead.port) as back:
        desk.clock.ms += 60_000
        desk.work()
    assert len(set(back.ids())) == len(back.ids()) == 10
    assert desk.notices.trouble == ""


def test_a_message_is_given_up_in_the_end(tmp_path: Path) -> None:
    with mail_server() as dead:
        pass
    desk = school(tmp_path, dead, AWA % MAIL_AWA, give_up="10 min")
    desk.post(message())
    for _ in range(12):
        desk.work()
        desk.clock.ms += 60_000
    [one] = desk.notices.outbox.records.find(Search())

    assert one.state is State.GIVEN_UP
    assert one.tries > 8
    assert desk.journal.notes[-1].kind is Kind.NOTICE_FAILED
    with mail_server(port=dead.port) as back:
        desk.notices.outbox.retry(one.id)
        desk.work()
    assert len(back.mails) == 1
    with pytest.raises(UsageError):
        desk.notices.outbox.retry(one.id)


def test_a_service_is_asked_again_no_sooner_than_it_says(
    tmp_path: Path, server: MailServer, service: WebService
) -> None:
    hook = f"  - {{id: hook, kind: webhook, url: '{service.url}', private: true}}"
    desk = school(tmp_path, server, AWA % "{outlet: hook}", hook)
    service.answers = [(429, {"retry-after": "600"}, b"")]
    desk.post(message())
    for _ in range(599):
        desk.work()
        desk.clock.ms += 1_000
    assert len(service.asked) == 1
    desk.clock.ms += 1_000
    desk.work()

    first, second = service.asked
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


def test_a_person_is_not_flooded_and_what_was_too_much_comes_together(
    tmp_path: Path, server: MailServer
) -> None:
    person = AWA % MAIL_AWA
    limited = person.replace("channels:", "rate: {most: 3, per: 1 h}, channels:")
    desk = school(tmp_path, server, limited)
    for number in range(8):
        desk.post(message(f"m{number}"))
    desk.post(message("critical", CRITICAL))
    desk.work()
    assert len(server.mails) == 3
    assert "CO₂ élevé" in server.mails[0]["Subject"]  # the critical one goes first
    desk.clock.ms += HOUR_MS + 1
    desk.work()

    assert len(server.mails) == 4
    body = server.mails[3].get_body(("plain",))
    assert body is not None
    assert body.get_content().count("Ouvrez les fenêtres.") == 6


def test_a_rate_of_an_outlet_holds_for_all_people(tmp_path: Path, service: WebService) -> None:
    hook = f"{{id: hook, kind: webhook, url: '{service.url}', private: true, rate: %s}}"
    desk = office(
        tmp_path,
        f"outlets:\n  - {hook % '{most: 1, per: 1 min}'}\npeople:\n"
        f"{AWA % '{outlet: hook}'}{BEN % '{outlet: hook}'}",
    )
    desk.post(message(to=("awa", "ben")))
    desk.work()
    assert len(service.asked) == 1
    desk.clock.ms += 60_000
    desk.work()
    assert len(service.asked) == 2


def test_a_test_message_goes_over_one_channel_at_once(tmp_path: Path, server: MailServer) -> None:
    quiet = MAIL_AWA[:-1] + ", quiet: {from: '00:00', to: '23:59'}}"
    desk = school(tmp_path, server, AWA % quiet)
    [number] = desk.notices.test("awa", "mail")
    desk.work()

    assert "essai" in server.mails[0]["Subject"]
    found = desk.notices.outbox.records.get(number)
    assert found is not None
    assert found.state is State.SENT
    with pytest.raises(UsageError):
        desk.notices.test("nobody")
    with pytest.raises(UsageError):
        desk.notices.test("awa", "fax")


def test_open_pages_of_a_user_show_what_was_sent_to_them(
    tmp_path: Path, server: MailServer
) -> None:
    desk = school(
        tmp_path, server, AWA % "{outlet: pages, address: admin}", "  - {id: pages, kind: browser}"
    )
    desk.post(message())
    assert desk.notices.for_browser("admin") == []
    desk.work()

    [(delivery, composed)] = desk.notices.for_browser("admin")
    assert "CO₂ élevé" in composed.title
    assert desk.notices.for_browser("root") == []
    assert delivery.done_ms is not None
    assert desk.notices.for_browser("admin", delivery.done_ms + 1) == []


def test_an_operator_gives_up_what_waits(tmp_path: Path) -> None:
    with mail_server() as dead:
        pass
    desk = school(tmp_path, dead, AWA % MAIL_AWA)
    desk.post(message())
    desk.work()
    [one] = desk.notices.outbox.records.find(Search())
    desk.notices.outbox.give_up(one.id, "admin")
    [one] = desk.notices.outbox.records.find(Search())

    assert one.state is State.GIVEN_UP
    assert str(one.error) == "Given up by admin."
    with pytest.raises(UsageError):
        desk.notices.outbox.give_up(one.id, "admin")


def test_what_became_of_messages_is_forgotten_in_time(tmp_path: Path, server: MailServer) -> None:
    desk = school(tmp_path, server, AWA % MAIL_AWA)
    desk.post(message())
    desk.work()
    desk.clock.ms += 31 * 24 * HOUR_MS
    desk.work()

    assert desk.notices.outbox.records.find(Search()) == []


def test_threads_send_at_once_what_is_posted(tmp_path: Path, server: MailServer) -> None:
    desk = school(tmp_path, server, AWA % MAIL_AWA)
    desk.notices.start()
    try:
        desk.post(message())
        wait_for(lambda: desk.states() == {"awa/mail": "sent"})
    finally:
        desk.notices.stop()
    assert len(server.mails) == 1
