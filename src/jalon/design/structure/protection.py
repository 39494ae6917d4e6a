"""What guards a flow, read from the author's words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from jalon.catalogues.flow_protocols import FlowProtocol, Road, protocol_named
from jalon.catalogues.protections import Side, Strength, means_named
from jalon.design.spec.architecture import Flow


@dataclass(frozen=True, slots=True)
class Guard:
    """One side of a protection. `means` is an id of protections.yaml, "" for none; `words` are the
    author's."""

    means: str
    strength: Strength
    words: str = ""

    @property
    def absent(self) -> bool:
        """Whether nothing guards where something ought to."""
        return self.strength in (Strength.NONE, Strength.WEAK)


@dataclass(frozen=True, slots=True)
class ProtectionReading:
    """What guards a flow, side by side."""

    encryption: Guard
    authentication: Guard
    integrity: Guard

    @property
    def sides(self) -> tuple[tuple[Side, Guard], ...]:
        """Each side with its guard."""
        return (
            (Side.ENCRYPTION, self.encryption),
            (Side.AUTHENTICATION, self.authentication),
            (Side.INTEGRITY, self.integrity),
        )

    @property
    def weakest(self) -> Strength:
        """The worst of the three."""
        order = list(Strength)
        worst = (Strength.NONE, Strength.WEAK, Strength.UNKNOWN)
        found = [guard.strength for _side, guard in self.sides]
        return next(
            (one for one in worst if one in found), max(found, key=lambda one: order.index(one))
        )


_AEAD = frozenset(
    {"tls", "dtls", "ssh", "oscore", "vpn", "opcua", "lorawan", "end-to-end", "link", "cellular"}
)


def protection_of(flow: Flow) -> ProtectionReading:
    """What guards the flow.

    Where nothing is written, what its protocol always has counts (HTTPS has TLS), and encryption
    that notices changes counts for integrity too. A flow in one process needs none.
    """
    written = flow.protection
    encryption, authentication, integrity = (
        (written.encryption, written.authentication, written.integrity)
        if written
        else (None, None, None)
    )
    return _read(flow.protocol, encryption, authentication, integrity)


@cache
def _read(
    protocol: str, encryption: str | None, authentication: str | None, integrity: str | None
) -> ProtectionReading:
    spoken = protocol_named(protocol)
    hidden = _guard(Side.ENCRYPTION, encryption)
    known = _guard(Side.AUTHENTICATION, authentication)
    whole = _guard(Side.INTEGRITY, integrity)
    if spoken is not None and spoken.road is Road.LOCAL:
        hidden, known, whole = (_local(one) for one in (hidden, known, whole))
    if hidden.strength is Strength.UNKNOWN:
        hidden = _carried(spoken) or hidden
    if whole.strength is Strength.UNKNOWN and hidden.means in _AEAD:
        whole = Guard(hidden.means, hidden.strength)
    return ProtectionReading(hidden, known, whole)


def _guard(side: Side, words: str | None) -> Guard:
    return Guard(*means_named(side, words), words or "")


def _local(guard: Guard) -> Guard:
    open_ = guard.strength in (Strength.UNKNOWN, Strength.NONE)
    return Guard("", Strength.DECIDED, guard.words) if open_ else guard


def _carried(spoken: FlowProtocol | None) -> Guard | None:
    """What the protocol always has: all of it carries its own name, so it is as good as that."""
    if spoken is None or not spoken.carried:
        return None
    means = spoken.carried[0]
    return Guard(means, Strength.LINK if means == "cellular" else Strength.GOOD)
