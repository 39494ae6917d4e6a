"""Where readings are kept, and what our own broker and store were measured to do."""

from __future__ import annotations

from functools import cache

from jalon.catalogues.catalogue import Catalogue, Catalogued, catalogue
from jalon.vocab.text import Names


class Measured(Catalogued):
    """What Jalon itself did on the bench; triples are low, typical, high."""

    source: str
    edition: str
    bytes_per_point: tuple[float, float, float]
    messages_per_second: tuple[float, float, float]
    points_per_second: tuple[float, float, float]


class Store(Catalogued):
    """A store. `licence` is an SPDX id, "" for none; `servers` are those to be run beside Jalon."""

    id: str
    fr: str
    en: str
    licence: str
    bytes_per_point: float | None = None
    servers: int
    sql: bool
    scale: str
    to_check: bool = False

    @property
    def names(self) -> Names:
        """The store's name by language."""
        return Names({"fr": self.fr, "en": self.en})


class Stores(Catalogue):
    """`stores.yaml`."""

    measured: Measured
    stores: list[Store]


def measured() -> Measured:
    """What the bench found."""
    found: Measured = catalogue("stores", Stores).measured
    return found


@cache
def stores() -> dict[str, Store]:
    """Every store by id."""
    return {one.id: one for one in catalogue("stores", Stores).stores}
