"""MQTT devices, and the certificates they need."""

from __future__ import annotations

import queue
import time
from dataclasses import dataclass
from pathlib import Path

import paho.mqtt.client as mqtt

from jalon.adapters.broker.settings import Tls
from jalon.adapters.pki.authority import Authority, Issued
from jalon.adapters.pki.trust import Trust, own


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass
class Pki:
    """An authority with its server's files, and certificates as files for paho."""

    folder: Path
    authority: Authority
    tls: Tls

    @classmethod
    def make(cls, folder: Path) -> Pki:
        """An authority in a folder, and a server's certificate for this machine."""
        authority = Authority.open(folder / "pki", "test", now_ms)
        server = authority.server(["localhost", "127.0.0.1"])
        clients = folder / "clients.pem"
        clients.write_bytes(Trust([own(authority)]).bundle_pem)
        return cls(folder, authority, Tls(server.certificate, server.key, clients))

    @property
    def trust(self) -> Trust:
        return Trust([own(self.authority)])

    @property
    def ca(self) -> str:
        return str(self.authority.folder / "ca.pem")

    def files(self, name: str, issued: Issued) -> tuple[str, str]:
        """A device's certificate and key as files."""
        assert issued.key_pem is not None
        certificate, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        certificate.write_bytes(issued.certificate_pem)
        key.write_bytes(issued.key_pem)
        return str(certificate), str(key)


@dataclass
class Device:
    """An MQTT client; what happened to it, in queues."""

    client: mqtt.Client
    answers: queue.Queue[str]
    left: queue.Queue[str]
    heard: queue.Queue[tuple[str, bytes]]

    def answer(self) -> str:
        """The next answer to a connection: Success or why not."""
        return self.answers.get(timeout=20)

    def send(self, topic: str, payload: bytes, qos: int = 1) -> None:
        """Publish and wait for the acknowledgement."""
        self.client.publish(topic, payload, qos=qos).wait_for_publish(15)

    def subscribe(self, topic: str, qos: int = 1) -> bool:
        """Whether the broker granted it."""
        codes: queue.Queue[bool] = queue.Queue()
        self.client.on_subscribe = lambda _c, _d, _m, answer, _p: codes.put(
            not answer[0].is_failure
        )
        self.client.subscribe(topic, qos)
        return codes.get(timeout=15)
