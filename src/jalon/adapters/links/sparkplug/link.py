"""Listens to Sparkplug B edge nodes on their broker, as a host application."""

from __future__ import annotations

import re
import ssl
from collections.abc import Sequence

from jalon.adapters.links.sparkplug.codec import Ask, Event, Listener, Said, Subject
from jalon.adapters.links.sparkplug.session import Session
from jalon.adapters.links.sparkplug.settings import Settings, Tls
from jalon.adapters.outbox import Outbox
from jalon.run.links import Host, LinkDown, LinkSettings, Member, telemetry_topic
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

__all__ = ["Settings", "SparkplugLink", "make"]

_WAIT_S = 0.25
_ADDRESS = re.compile(r"[^/+#\0]+/[^/+#\0]+(/[^/+#\0]+)?")
# What TLS 1.2 may use, as ANSSI recommends; the suites of TLS 1.3 all do.
_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"


def make(settings: LinkSettings, members: Sequence[Member]) -> SparkplugLink:
    """The link of an entry of `links.yaml`. UsageError for a device that cannot be heard."""
    if not isinstance(settings, Settings):
        raise TypeError(settings)
    subjects: dict[str, Subject] = {}
    for member in members:
        device, address = member.device, member.device.address
        if address is None or not _ADDRESS.fullmatch(address):
            message = N_("{device} needs an address such as group/node or group/node/device.")
            raise UsageError(Text(message, {"device": device.id}))
        if address in subjects:
            message = N_("{device} and {other} have the same address, {address}.")
            params = {"device": device.id, "other": subjects[address].device, "address": address}
            raise UsageError(Text(message, params))
        group = address.partition("/")[0]
        if settings.groups and group not in settings.groups:
            message = N_("{device} is in the group {group}, which {link} does not listen to.")
            params = {"device": device.id, "group": group, "link": settings.id}
            raise UsageError(Text(message, params))
        subjects[address] = Subject(device.id, _metrics(member))
    return SparkplugLink(settings, subjects)


def _metrics(member: Member) -> dict[str, tuple[str, ...]]:
    """The properties that each metric fills: `href` of a form names it, else its own name does."""
    found: dict[str, tuple[str, ...]] = {}
    for name, declared in member.thing.properties.items():
        if not declared.write_only:
            metric = next((form.href for form in declared.forms if form.href), name)
            found[metric] = (*found.get(metric, ()), name)
    return found


class SparkplugLink:
    """`subjects` are the link's devices by their address."""

    def __init__(self, settings: Settings, subjects: dict[str, Subject]) -> None:
        self._settings = settings
        groups = settings.groups or [address.partition("/")[0] for address in subjects]
        self._groups = list(dict.fromkeys(groups))
        self._listener = Listener(subjects)
        self._outbox = Outbox()

    def serve(self, host: Host) -> None:
        """Listen until stopped. Raises LinkDown; see `Link`."""
        settings = self._settings
        session = Session(settings, host.now_ms)
        with self._outbox.sending(host):
            try:
                session.open(self._password(host), _context(settings.tls), host.stop.is_set)
                session.listen(self._groups)
                stands = False
                while not host.stop.is_set():
                    session.pump(_WAIT_S)
                    if session.settled and not stands:
                        stands = True
                        session.announce()
                        host.up(f"{settings.host}:{settings.at}, {', '.join(self._groups)}")
                        self._act(self._listener.start(host.now_ms()), session, host)
                    for topic, payload in session.take():
                        self._act(self._listener.hear(topic, payload, host.now_ms()), session, host)
                    session.check()
            finally:
                session.close()

    def _act(self, events: Sequence[Event], session: Session, host: Host) -> None:
        for event in events:
            if isinstance(event, Said):
                self._outbox.put(telemetry_topic(event.device), event.payload)
            elif isinstance(event, Ask):
                session.publish(event.topic, event.payload)
            else:
                host.note(event.text)

    def _password(self, host: Host) -> str | None:
        name = self._settings.password
        if name is None:
            return None
        password = host.secret(name)
        if password is None:
            raise LinkDown(Text(N_("The secret “{name}” has not been set."), {"name": name}))
        return password


def _context(tls: Tls | None) -> ssl.SSLContext | None:
    if tls is None:
        return None
    try:
        context = ssl.create_default_context(cafile=tls.ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(_CIPHERS)
        if tls.certificate is not None:
            context.load_cert_chain(tls.certificate, tls.key)
    except OSError as error:  # an SSLError too: not a certificate, or not its key
        files = ", ".join(one for one in (tls.ca, tls.certificate, tls.key) if one)
        message = N_("The certificates cannot be used ({files}): {reason}.")
        raise LinkDown(Text(message, {"files": files, "reason": str(error)})) from error
    return context
