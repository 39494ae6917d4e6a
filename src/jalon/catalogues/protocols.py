"""Bytes that protocols add to a payload, and what one hop takes in time."""

from __future__ import annotations

from functools import cache

from pydantic import Field

from jalon.catalogues.catalogue import Catalogue, Catalogued, catalogue


class SecurityLayer(Catalogued):
    """Bytes that each record of a secured connection adds, and bytes of its handshake in all."""

    id: str
    name: str
    over: str
    record: int
    handshake: int


class HttpSize(Catalogued):
    """Bytes of the headers of a minimal exchange: low, typical, high."""

    request: tuple[int, int, int]
    response: tuple[int, int, int]


class Hop(Catalogued):
    """Seconds that a message takes over one hop: low, typical, high."""

    id: str
    words: list[str]
    seconds: tuple[float, float, float]
    source: str = ""


class Protocols(Catalogue):
    """`protocols.yaml`."""

    networks: dict[str, int]
    transports: dict[str, int]
    securities: list[SecurityLayer]
    http: HttpSize
    hops: list[Hop] = Field(min_length=1)


def protocols() -> Protocols:
    """The whole."""
    found: Protocols = catalogue("protocols", Protocols)
    return found


@cache
def securities() -> dict[str, SecurityLayer]:
    """Every security layer by id."""
    return {one.id: one for one in protocols().securities}


@cache
def hop(protocol: str) -> Hop:
    """The hop that fits a flow's protocol as its author wrote it; the unknown one when none."""
    said = protocol.casefold()
    hops = protocols().hops
    return next((one for one in hops if any(word in said for word in one.words)), hops[-1])
