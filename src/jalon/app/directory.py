"""Who there is, what proves it and what each may do: worked out once from the solution and the
registry, so that nothing has to be looked up while devices connect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from jalon.adapters.links.lorawan import codec as lorawan
from jalon.adapters.stores.registry.device_schema import CredentialRow
from jalon.app.credentials import COMMANDS, IMPORTER, INTEGRATIONS, NETWORK_SERVER, THINGS_STACK
from jalon.app.solution import Solution
from jalon.run import answers
from jalon.run.fleet import Device
from jalon.run.identity import Grant
from jalon.run.topic_mapping import OURS
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text
from jalon.vocab.times import local_day

_UTC = ZoneInfo("UTC")
_TOLD = ("cmd/#", "desired", "update/offer", "update/chunk/#")
TOLD = tuple(f"v1/+/{leaf}" for leaf in _TOLD)
"""MQTT topic filters of what devices are told."""


@dataclass(frozen=True, slots=True)
class Bridge:
    """An account for a gateway that speaks for devices it has, such as Zigbee2MQTT: the MQTT topic
    filters that are open to it."""

    name: str
    publish: tuple[str, ...]
    subscribe: tuple[str, ...] = ()


_SERVERS = (
    Bridge(NETWORK_SERVER, (lorawan.EVENT_FILTER,), (lorawan.COMMAND_FILTER,)),
    Bridge(THINGS_STACK, lorawan.THINGS_STACK_EVENTS),
)
NETWORK_SERVERS = tuple(one.name for one in _SERVERS)
"""Accounts that every solution has; without a credential nobody can use them."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A credential as far as it is needed to decide; times in Unix ms. `digest` is that of a
    secret, "" for a certificate, which is known by `serial` and `issuer`."""

    id: int
    digest: str
    serial: str
    issuer: str
    expires_ms: int | None
    revoked_ms: int | None

    @property
    def ends_ms(self) -> int | None:
        """When it is good no longer; None when that is not known."""
        both = (self.expires_ms, self.revoked_ms)
        return min((one for one in both if one is not None), default=None)


@dataclass(frozen=True, slots=True)
class Known:
    """An identity with what it may do and what proves it. `retired_ms` is when it goes or went out
    of service (Unix ms)."""

    grant: Grant
    proofs: tuple[Proof, ...] = ()
    is_device: bool = True
    retired_ms: int | None = None

    def is_retired(self, now_ms: int) -> bool:
        """Whether it is out of service now."""
        return self.retired_ms is not None and self.retired_ms <= now_ms


@dataclass(frozen=True, slots=True)
class Directory:
    """Everybody by identity, and devices by the serial number on their case. `own_topics` are
    those that devices of our broker cannot change."""

    known: Mapping[str, Known] = field(default_factory=dict)
    by_serial: Mapping[str, str] = field(default_factory=dict)
    own_topics: tuple[str, ...] = ()


def directory(
    solution: Solution, rows: Iterable[CredentialRow], bridges: Sequence[Bridge]
) -> Directory:
    """The directory of a solution. Days of retirement begin at midnight UTC."""
    proofs: dict[str, list[Proof]] = {}
    for row in rows:
        proofs.setdefault(row.identity, []).append(
            Proof(
                row.id,
                row.digest,
                row.serial or "",
                row.issuer or "",
                row.expires_ms,
                row.revoked_ms,
            )
        )
    known = {
        device.id: Known(
            grant(device),
            tuple(proofs.get(device.id, ())),
            retired_ms=None if device.retired is None else local_day(device.retired, _UTC)[0],
        )
        for device in solution.fleet.devices
    }
    for account in (*_SERVERS, *bridges):
        known.setdefault(
            account.name,
            Known(
                Grant(account.name, account.publish, account.subscribe),
                tuple(proofs.get(account.name, ())),
                is_device=False,
            ),
        )
    serials = {one.serial: one.id for one in solution.fleet.devices if one.serial}
    own = {topic for one in solution.fleet.devices for topic in own_topics(one)}
    return Directory(known, serials, tuple(sorted(own)))


def grant_of(solution: Solution, name: str) -> Grant:
    """What a device or an account may do. Raises UsageError for a name that can have no
    credential."""
    device = solution.device(name)
    if device is not None and device.dev_eui is None:
        return grant(device)
    if device is not None:
        message = N_(
            "{name} is a LoRaWAN device and has no credential here: its network server connects as "
            "{server}."
        )
        raise UsageError(Text(message, {"name": name, "server": NETWORK_SERVER}))
    bridges = [
        Bridge(one.id, tuple(one.publish), tuple(one.subscribe)) for one in solution.links.bridges
    ]
    for account in (*_SERVERS, *bridges):
        if account.name == name:
            return Grant(account.name, account.publish, account.subscribe)
    raise UsageError(Text(N_("There is no device and no account {name}."), {"name": name}))


def everybody(solution: Solution) -> list[str]:
    """Names of all that can have a credential: accounts first, then devices."""
    accounts = [*NETWORK_SERVERS, *(one.id for one in solution.links.bridges)]
    return [*accounts, *(one.id for one in solution.fleet.devices if one.dev_eui is None)]


def grant(device: Device) -> Grant:
    """What a device may do: say its own values, and how it goes with commands, state and updates,
    which it reads; and the same where its `address` says when its topic cannot be changed."""
    base = f"v1/{device.id}"
    leaves = ("telemetry", "frame", "frame/#", *answers.LEAVES)
    publish = tuple(f"{base}/{leaf}" for leaf in leaves)
    own = own_topics(device)
    told = (f"{base}/cmd", *(f"{base}/{leaf}" for leaf in _TOLD))
    return Grant(device.id, (*publish, *own), (*told, *own))


def commander(own_topics: Sequence[str] = ()) -> Grant:
    """What sends commands may do: tell devices, and ask ChirpStack to queue downlinks."""
    return Grant(COMMANDS, (*TOLD, lorawan.COMMAND_FILTER, *own_topics))


def importer() -> Grant:
    """What `jalon import` may do: report for every device."""
    return Grant(IMPORTER, ("v1/+/telemetry",))


def integrator() -> Grant:
    """What integrations may do: publish for others, announce our devices, and hear commands."""
    return Grant(INTEGRATIONS, ("out/#", "homeassistant/#"), ("out/+/+/do/+/+",))


def own_topics(device: Device) -> tuple[str, ...]:
    """Topic filters at our broker of a device that cannot change its topic."""
    address = device.address
    if device.link is not None or device.dev_eui is not None or not address:
        return ()
    return (address, f"{address}/#") if _is_own_topic(address) else ()


def _is_own_topic(address: str) -> bool:
    """Whether an address is a topic that may be opened to the device that has it."""
    first = address.partition("/")[0]
    return (
        first not in OURS
        and first != ""
        and not first.startswith("$")
        and not set(address) & set("+#*>")
        and not any(letter <= " " or letter == "\x7f" for letter in address)
    )
