"""Carries messages of another MQTT broker to the road, and acknowledges what is safe there."""

from __future__ import annotations

import queue
import ssl
import threading
import time
from collections.abc import Sequence

from paho.mqtt.enums import MQTTProtocolVersion

from jalon.adapters.links.mqtt_broker.codec import Heard, is_wanted, matches, on_road, wishes
from jalon.adapters.links.mqtt_broker.session import OldProtocol, Order, Session
from jalon.adapters.links.mqtt_broker.settings import Settings, Tls
from jalon.adapters.mqtt_peer import V5, V311, context, weakness
from jalon.adapters.peers import secret
from jalon.run.links import Host, LinkAway, LinkDown, LinkSettings, Member, RoadClosed
from jalon.run.topic_mapping import topic_fault, topics_of
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

__all__ = ["MqttLink", "Settings", "make"]

_WAIT_S = 0.25
_SHORT_S = 10.0
_ANSWER_S = 10.0


def make(settings: LinkSettings, members: Sequence[Member]) -> MqttLink:
    """The link of an entry of `links.yaml`. UsageError for a device without a topic."""
    if not isinstance(settings, Settings):
        raise TypeError(settings)
    topics: list[str] = []
    for member in members:
        device = member.device
        if device.address is None:
            message = N_("The device {device} needs an address: its base topic on {link}.")
            raise UsageError(Text(message, {"device": device.id, "link": settings.id}))
        for topic in topics_of(member):
            if fault := topic_fault(topic):
                raise UsageError(fault)
            topics.append(topic)
    return MqttLink(settings, topics)


class MqttLink:
    """`topics` are what the link's devices speak on."""

    def __init__(self, settings: Settings, topics: Sequence[str]) -> None:
        self._settings = settings
        self._filters = settings.topics or list(dict.fromkeys(topics))
        self._outside = [
            topic
            for topic in topics
            if not any(matches(topic, one) for one in self._filters + settings.discovery)
        ]
        self._orders: queue.SimpleQueue[Order] = queue.SimpleQueue()
        self._standing = threading.Event()
        self._been_here = False
        self._cut_short = 0

    def serve(self, host: Host) -> None:
        """Read until stopped. Raises LinkDown; see `Link`."""
        session = self._open(host)
        try:
            if host.stop.is_set():
                return
            group = self._group(host, session)
            wished = wishes(self._filters, self._settings.discovery, group)
            if not wished:
                host.note(Text(N_("There is nothing to read: no topics, and no devices.")))
            session.wish(wished)
            since: float | None = None
            while not host.stop.is_set():
                session.pump(_WAIT_S)
                self._carry(host, session)
                while not self._orders.empty():
                    session.orders.tell(self._orders.get())
                if session.gone:
                    self._count_end(since)
                session.check_owner(taken_over=self._cut_short > 1)
                session.check()
                if since is None and session.settled:
                    since = time.monotonic()
                    self._stand(host, session, group)
                    self._standing.set()
        finally:
            self._standing.clear()
            session.close()

    def stands(self) -> bool:
        """Whether something can be sent now."""
        return self._standing.is_set()

    def send(self, topic: str, payload: bytes) -> None:
        """Publish on the other broker; on return it has the message. From any thread. LinkAway
        when the link does not stand or the broker does not take it, else LinkDown."""
        names = {"link": self._settings.id}
        order = Order(topic, payload)
        if not self.stands():
            raise LinkAway(Text(N_("{link} is not connected."), names))
        self._orders.put(order)
        if not order.done.wait(_ANSWER_S):
            order.given_up = True
            raise LinkDown(Text(N_("{link} is not connected."), names))
        if order.refused:
            message = N_("The broker of {link} does not take it: {reason}")
            raise LinkAway(Text(message, {**names, "reason": order.refused}))

    def _count_end(self, since: float | None) -> None:
        """Two readers with one client id throw each other out again and again."""
        short = since is not None and time.monotonic() - since < _SHORT_S
        self._cut_short = self._cut_short + 1 if short else 0

    def _open(self, host: Host, version: MQTTProtocolVersion = V5) -> Session:
        settings = self._settings
        password = secret(host, settings.password)
        tls = None if settings.tls is None else _context(settings.tls)
        session = Session(settings, version)
        try:
            session.open(password, tls, host.stop.is_set)
        except OldProtocol:
            session.close()
            return self._open(host, V311)
        except LinkDown:
            session.close()
            raise
        return session

    def _group(self, host: Host, session: Session) -> str | None:
        """The group to share with, if this broker can; else the operator is told."""
        group = self._settings.share
        if group is None or session.shares:
            return group
        message = N_(
            "{host}:{port} has no shared subscriptions (they came with MQTT 5): every reader of"
            " the group “{group}” gets every message."
        )
        host.note(session.place.text(message, group=group))
        return None

    def _stand(self, host: Host, session: Session, group: str | None) -> None:
        """Say that the link works, and what the operator should know of how."""
        version = "MQTT 5" if session.version == V5 else "MQTT 3.1.1"
        shared = "" if group is None else f", $share/{group}"
        host.up(f"{session.place.host}:{session.place.port}, {version}{shared}")
        if self._been_here and not session.present:
            message = N_(
                "{host}:{port} had forgotten us: what was published while we were away is lost."
            )
            host.note(session.place.text(message))
        if (weak := weakness(session)) is not None:
            host.note(weak)
        if self._outside:
            message = N_("The `topics` of the link leave out {topic}, where a device speaks.")
            host.note(Text(message, {"topic": self._outside[0]}))
        self._been_here = True

    def _carry(self, host: Host, session: Session) -> None:
        """Hand over what was heard; acknowledge it once it is stored."""
        heard = session.take()
        if not heard:
            return
        pairs = [pair for one in heard if (pair := self._pair(host, one)) is not None]
        try:
            host.road.submit(pairs)
        except RoadClosed as closed:
            message = N_("Nothing can be stored now ({reason}); {host}:{port} keeps the messages.")
            raise LinkDown(session.place.text(message, reason=str(closed))) from closed
        session.acknowledge(heard)

    def _pair(self, host: Host, heard: Heard) -> tuple[str, bytes] | None:
        if not is_wanted(heard, self._settings.discovery):
            return None
        pair = on_road(self._settings.id, heard)
        if pair is None:
            message = N_("A message of {bytes} bytes on {topic} was too large and left out.")
            host.note(Text(message, {"bytes": len(heard.payload), "topic": heard.topic[:80]}))
        return pair


def _context(tls: Tls) -> ssl.SSLContext:
    made = context(tls)
    if tls.insecure:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    return made
