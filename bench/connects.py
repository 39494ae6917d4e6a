"""How many devices a second come in, and what each costs while it is quiet: with passwords, with
TLS, with certificates; and Mosquitto with a password file in the same run."""

from __future__ import annotations

import contextlib
import multiprocessing
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import psutil

from bench import peers, swarm
from bench.report import Figure, Goal, Tell, median
from bench.swarm import Member, Place
from jalon.adapters.broker.server import Broker
from jalon.adapters.broker.settings import BrokerSettings, Tls
from jalon.adapters.pki.authority import Authority
from jalon.adapters.pki.trust import Trust, own
from jalon.run.identity import Attempt, Decide, Denied, Grant
from jalon.run.journal import Kind

PART = "connects"
RATE = Goal(1_500)
_CERTIFICATES = 50
"""Different ones; making more would measure how fast this bench makes keys."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way in: what it is called, who takes it where, and the process whose memory it costs."""

    name: str
    place: Place
    members: Sequence[Member]
    process: int


def run(work: Path, devices: int, rounds: int, tell: Tell) -> list[Figure]:
    """Connect all devices, hold them, and let them go; `rounds` times for each way in."""
    swarm.more_files()
    rates: dict[str, list[float]] = {}
    cpus: dict[str, list[float]] = {}
    costs: dict[str, list[float]] = {}
    for index in range(rounds):
        tell(f"{PART}: {devices} devices, round {index + 1} of {rounds}")
        for way in _ways(work / f"connects-{index}", devices):
            rate, cpu, kilobytes = _measured(way)
            rates.setdefault(way.name, []).append(rate)
            cpus.setdefault(way.name, []).append(cpu)
            costs.setdefault(way.name, []).append(kilobytes)
    figures = [
        median(PART, f"{name}: connects", runs, "1/s", RATE if name == "password" else None)
        for name, runs in rates.items()
    ]
    figures += [
        median(PART, f"{name}: CPU of a connect", runs, "ms", note="broker and door together")
        for name, runs in cpus.items()
    ]
    figures += [
        median(PART, f"{name}: memory of a quiet device", runs, "kB", note=f"at {devices:,}")
        for name, runs in costs.items()
    ]
    if theirs := rates.get("Mosquitto, password"):
        ratios = [mine / other for mine, other in zip(rates["password"], theirs, strict=True)]
        figures.append(median(PART, "password: connects, against Mosquitto", ratios, "x"))
    return figures


def _ways(folder: Path, devices: int) -> Iterator[Way]:
    folder.mkdir()
    members = [Member(f"d{number}", f"d{number}", f"word-{number}") for number in range(devices)]
    with _jalon(folder / "plain", members, None) as broker:
        yield Way("password", Place(broker.mqtt_port), members, _pid(broker.folder))
    authority = Authority.open(folder / "pki", "bench", lambda: int(time.time() * 1000))
    ca = authority.folder / "ca.pem"
    shown = list(_certified(authority, folder, devices))
    with _jalon(folder / "encrypted", members, authority) as broker:
        at = Place(broker.mqtt_port, ca)
        yield Way("TLS, password", at, members, _pid(broker.folder))
        at = Place(broker.ports.certificates or 0, ca)
        yield Way("TLS, certificate", at, shown, _pid(broker.folder / "certificates"))
    if program := peers.mosquitto():
        words = [(one.user, one.password) for one in members]
        with peers.mosquitto_alone(folder, program, words) as (port, pid):
            yield Way("Mosquitto, password", Place(port), members, pid)


@contextlib.contextmanager
def _jalon(
    folder: Path, members: Sequence[Member], authority: Authority | None
) -> Iterator[Broker]:
    settings = BrokerSettings(folder, mqtt_port=0)
    trust = Trust([])
    if authority is not None:
        server = authority.server(["localhost"])
        tls = Tls(server.certificate, server.key, authority.folder / "ca.pem")
        settings = BrokerSettings(folder, mqtt_port=0, tls=tls, certificate_port=0)
        trust = Trust([own(authority)])
    decide = _decide({one.user: one.password for one in members}, trust)
    broker = Broker.start(settings, decide)
    try:
        yield broker
    finally:
        broker.stop()


def _decide(words: Mapping[str, str], trust: Trust) -> Decide:
    def decide(attempt: Attempt) -> Grant | Denied:
        identity, ends = attempt.user, None
        if attempt.certificate is not None:
            if (found := trust.identify(attempt.certificate)) is None:
                return Denied(Kind.UNTRUSTED_CERTIFICATE)
            identity, ends = found[0].subject, found[0].not_after_ms
        elif words.get(attempt.user) != attempt.secret:
            return Denied(Kind.WRONG_SECRET)
        commands = f"v1/{identity}/cmd/#"
        return Grant(identity, (f"v1/{identity}/telemetry",), (commands,), ends)

    return decide


def _certified(authority: Authority, folder: Path, devices: int) -> Iterator[Member]:
    files = []
    for number in range(min(devices, _CERTIFICATES)):
        issued = authority.issue_device(f"d{number}")
        certificate, key = folder / f"{number}.pem", folder / f"{number}.key"
        certificate.write_bytes(issued.certificate_pem)
        key.write_bytes(issued.key_pem or b"")
        files.append((certificate, key))
    for number in range(devices):
        yield Member(f"d{number}", files=files[number % len(files)])


def _measured(way: Way) -> tuple[float, float, float]:
    """Connects a second, milliseconds of CPU for each in the broker and in this process (the
    door), and kilobytes of the broker for each that is quiet."""
    process = psutil.Process(way.process)
    before, worked = process.memory_info().rss, _worked(process)
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    clients = context.Process(
        target=_connect, args=(way.place, list(way.members), theirs), daemon=True
    )
    clients.start()
    theirs.close()  # so that its end is seen
    try:
        ours.recv()  # all are inside
        after, worked = process.memory_info().rss, _worked(process) - worked
        ours.send(None)
        took: float = ours.recv()
    finally:
        clients.join(10)
        clients.terminate()
    count = len(way.members)
    return count / took, worked / count * 1000, (after - before) / count / 1000


def _worked(broker: psutil.Process) -> float:
    times = broker.cpu_times()
    return float(times.user + times.system) + time.process_time()


def _connect(place: Place, members: Sequence[Member], pipe: Connection) -> None:
    def hold() -> None:
        pipe.send(None)
        pipe.recv()

    pipe.send(swarm.connect_all(place, members, hold))


def _pid(folder: Path) -> int:
    return int((folder / "pid").read_text())
