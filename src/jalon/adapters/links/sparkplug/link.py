"""Listens to Sparkplug B edge nodes on their broker, as a host application."""

from __future__ import annotations

import re
from collections.abc import Sequence

from jalon.adapters.links.sparkplug.codec import Ask, Event, Listener, Said, Subject
from jalon.adapters.links.sparkplug.session import Session
from jalon.adapters.links.sparkplug.settings import Settings
from jalon.adapters.mqtt_peer import context
from jalon.adapters.outbox import Outbox
from jalon.adapters.peers import secret
from jalon.run.links import Host, LinkSettings, Member, telemetry_topic
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

__all__ = ["Settings", "SparkplugLink", "make"]

_WAIT_S = 0.25
_ADDRESS = re.compile(r"[^/+#\0]+/[^/+#\0]+(/[^/+#\0]+)?")


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
                tls = None if settings.tls is None else context(settings.tls)
                session.open(secret(host, settings.password), tls, host.stop.is_set)
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
