"""Mail reaches a real SMTP server, encrypted and signed in, as text and as HTML."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from letterboxes import MailServer, mail_server
from mqtt_device import Pki

from jalon.adapters.outlets import mail
from jalon.run.notices.composed import Composed
from jalon.run.notices.delivery import Undelivered
from jalon.run.notices.outlets import Smtp

COMPOSED = Composed(
    key="a1" * 32,
    to="awa@example.org",
    name="Awa Diallo",
    language="fr",
    rank=4,
    severity="critical",
    word="Critique",
    title="Critique : CO₂ élevé – École Jean-Zay",
    text="Critique : CO₂ élevé\nOuvrez les fenêtres.\n",
    html='<!DOCTYPE html>\n<html lang="fr"><body><h1>CO₂ élevé</h1></body></html>\n',
    link="https://jalon.example.org/alarms/7",
    at_ms=1_795_431_600_000,
    about="alarm:7",
)


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki.make(tmp_path_factory.mktemp("pki"))


def context(pki: Pki) -> ssl.SSLContext:
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    found.load_cert_chain(pki.tls.certificate, pki.tls.key)
    return found


@pytest.fixture
def server(pki: Pki) -> Iterator[MailServer]:
    """Takes mail after STARTTLS from who signs in as jalon."""
    with mail_server(MailServer(accounts={"jalon": "right"}), context(pki)) as found:
        yield found


def outlet(server: MailServer, ca: str | None, **more: object) -> Smtp:
    given = {
        "id": "mail",
        "kind": "smtp",
        "host": "localhost",
        "port": server.port,
        "user": "jalon",
        "password": "smtp-password",
        "from": "Jalon <jalon@example.org>",
        "ca": ca,
    }
    return Smtp.model_validate(given | more)


def missed(one: Smtp, composed: Composed = COMPOSED, secret: str | None = "right") -> Undelivered:
    with pytest.raises(Undelivered) as caught:
        mail.send(one, composed, lambda _: secret)
    return caught.value


def test_a_mail_goes_encrypted_and_signed_in(server: MailServer, pki: Pki) -> None:
    mail.send(outlet(server, pki.ca), COMPOSED, {"smtp-password": "right\n"}.get)

    [got] = server.mails
    assert server.encrypted == [True]
    assert got["Subject"] == COMPOSED.title
    assert got["To"] == "Awa Diallo <awa@example.org>"
    assert got["From"] == "Jalon <jalon@example.org>"
    assert got["Message-ID"] == f"<{COMPOSED.key[:40]}@example.org>"
    assert got["Content-Language"] == "fr"
    assert got["Importance"] == "high"
    assert got["References"] == "<alarm.7@example.org>"
    assert got["Auto-Submitted"] == "auto-generated"
    text, html = got.get_body(("plain",)), got.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n") == COMPOSED.text
    assert html.get_content().replace("\r\n", "\n") == COMPOSED.html
    assert text.get_content_charset() == "utf-8"


def test_a_certificate_of_an_unknown_authority_is_not_trusted(server: MailServer) -> None:
    found = missed(outlet(server, None))

    assert found.whole
    assert not found.permanent
    assert "certificate" in str(found)
    assert server.mails == []


def test_a_wrong_password_can_be_mended(server: MailServer, pki: Pki) -> None:
    found = missed(outlet(server, pki.ca), secret="wrong")

    assert (found.whole, found.permanent) == (True, False)
    assert "user or password" in str(found)


def test_a_secret_that_is_not_set_is_named(server: MailServer, pki: Pki) -> None:
    found = missed(outlet(server, pki.ca), secret=None)

    assert str(found) == "The secret “smtp-password” has not been set."
    assert found.whole


@pytest.mark.parametrize(
    ("answer", "permanent"), [("550 no such box", True), ("451 greylisted", False)]
)
def test_a_refused_recipient_is_for_good_or_for_now(
    server: MailServer, pki: Pki, answer: str, permanent: bool
) -> None:
    server.refusals = {"awa@example.org": answer}
    found = missed(outlet(server, pki.ca))

    assert (found.permanent, found.whole) == (permanent, False)
    assert answer in str(found)


def test_a_dead_server_is_a_fault_of_the_outlet(pki: Pki) -> None:
    with mail_server() as gone:
        pass
    found = missed(outlet(gone, pki.ca))

    assert found.whole


@pytest.mark.parametrize("line", ["Bcc: all@example.org", "\r\n\r\nHello"])
def test_nothing_that_is_written_becomes_a_header(server: MailServer, pki: Pki, line: str) -> None:
    odd = replace(COMPOSED, title=f"Alarm\r\n{line}", name=f"Awa\n{line}")
    mail.send(outlet(server, pki.ca), odd, lambda _: "right")

    [got] = server.mails
    assert "Bcc" not in got
    assert got["Subject"].splitlines() == [got["Subject"]]
    assert [one.addr_spec for one in got["To"].addresses] == ["awa@example.org"]


def test_an_address_that_is_none_is_refused_for_good(server: MailServer, pki: Pki) -> None:
    found = missed(outlet(server, pki.ca), replace(COMPOSED, to="awa@example.org\nBcc: b@c.d"))

    assert found.permanent


def test_tls_from_the_first_byte(pki: Pki, tmp_path: Path) -> None:
    with mail_server() as plain:
        found = missed(outlet(plain, pki.ca, security="tls"))

    assert found.whole  # a server without TLS gets nothing
    assert plain.mails == []


def test_a_server_without_starttls_gets_no_password(pki: Pki) -> None:
    with mail_server() as plain:
        found = missed(outlet(plain, pki.ca))

    assert found.whole
    assert plain.mails == []
