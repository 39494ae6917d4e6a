"""Mail over SMTP: one message a conversation, with the same Message-ID at every try."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as CRLF
from email.utils import localtime, parseaddr

from jalon.run.notices.composed import Composed
from jalon.run.notices.delivery import Undelivered
from jalon.run.notices.outlets import Smtp
from jalon.vocab.text import N_, Text

TIMEOUT_S = 20.0
_URGENT = 4


def write(outlet: Smtp, composed: Composed) -> EmailMessage:
    """The mail: plain text, and the same as simple HTML. Nothing in it can become a header."""
    name, sender = parseaddr(outlet.sender)
    domain = sender.rpartition("@")[2] or "jalon.invalid"
    mail = EmailMessage(policy=CRLF)
    mail["From"] = _address(name, sender)
    mail["To"] = _address(composed.name, composed.to)
    mail["Subject"] = one_line(composed.title)
    mail["Date"] = localtime()
    mail["Message-ID"] = f"<{composed.key[:40]}@{domain}>"
    if composed.about:
        thread = "".join(char if char.isalnum() else "." for char in composed.about)
        mail["References"] = f"<{thread}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    if composed.rank >= _URGENT:
        mail["Importance"] = "high"
        mail["X-Priority"] = "1"
    mail.set_content(composed.text, cte="quoted-printable")
    mail.add_alternative(composed.html, subtype="html", cte="quoted-printable")
    mail["Content-Language"] = composed.language  # the body's own methods drop it earlier
    return mail


def send(outlet: Smtp, composed: Composed, secret: Callable[[str], str | None]) -> None:
    """On return the server has taken it. Raises Undelivered."""
    try:
        mail = write(outlet, composed)
    except (ValueError, IndexError) as error:  # the library's way to refuse an address
        raise _refused(str(error)) from error
    password = _password(outlet, secret)
    with _translated(outlet), _open(outlet) as server:
        if outlet.user and password is not None:
            server.login(outlet.user, password)
        server.send_message(mail)


def _open(outlet: Smtp) -> smtplib.SMTP:
    host, port = outlet.at
    if outlet.security == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=_context(outlet))
    server = smtplib.SMTP(host, port, timeout=TIMEOUT_S)
    if outlet.security == "starttls":
        try:
            server.starttls(context=_context(outlet))
        except (OSError, smtplib.SMTPException):
            server.close()
            raise
    return server


def _context(outlet: Smtp) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=outlet.ca)


def _password(outlet: Smtp, secret: Callable[[str], str | None]) -> str | None:
    if outlet.password is None:
        return None
    found = secret(outlet.password)
    if found is None:
        text = Text(N_("The secret “{name}” has not been set."), {"name": outlet.password})
        raise Undelivered(text, whole=True)
    return found.strip("\r\n")


@contextmanager
def _translated(outlet: Smtp) -> Iterator[None]:
    """What the server says becomes what is to be done about it."""
    host = outlet.at[0]
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()), (550, b""))
        raise _refused(f"{code} {_said(said)}", permanent=code >= 500) from error
    except smtplib.SMTPAuthenticationError as error:
        message = N_("{host} refuses user or password: {error}")
        raise _whole(message, host, f"{error.smtp_code} {_said(error.smtp_error)}") from error
    except smtplib.SMTPSenderRefused as error:
        message = N_("{host} refuses the sender: {error}")
        raise _whole(message, host, f"{error.smtp_code} {_said(error.smtp_error)}") from error
    except smtplib.SMTPDataError as error:
        code = error.smtp_code
        told = f"{code} {_said(error.smtp_error)}"
        raise _refused(told, permanent=code >= 500) from error
    except (smtplib.SMTPException, OSError, ValueError) as error:
        told = str(error) or type(error).__name__
        raise _whole(N_("{host} cannot be reached: {error}"), host, told) from error


def _refused(said: str, permanent: bool = True) -> Undelivered:
    text = Text(N_("The mail is refused: {error}"), {"error": said})
    return Undelivered(text, permanent=permanent)


def _whole(message: str, host: str, said: str) -> Undelivered:
    return Undelivered(Text(message, {"host": host, "error": said}), whole=True)


def _said(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())[:200]


def _address(name: str, address: str) -> Address:
    return Address(one_line(name), addr_spec=address)


def one_line(text: str) -> str:
    """The text without what could end a header."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
