"""Which duties the law attaches to which facts of a solution."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field

from jalon.catalogues.catalogue import Catalogue, Catalogued, catalogue
from jalon.vocab.entries import Wording
from jalon.vocab.text import N_


class LawStatus(StrEnum):
    """The state of the law on the catalogue's day."""

    IN_FORCE = "in-force"
    PROPOSAL = "proposal"
    TO_CHECK = "to-check"


class Bearer(StrEnum):
    """Who must do it."""

    CLIENT = "client"
    MAKER = "maker"
    INTEGRATOR = "integrator"
    PROVIDER = "provider"


BEARER_WORDS = {
    Bearer.CLIENT: N_("client"),
    Bearer.MAKER: N_("manufacturer"),
    Bearer.INTEGRATOR: N_("integrator"),
    Bearer.PROVIDER: N_("provider"),
}


class CraClass(StrEnum):
    """Classes of products of the Cyber Resilience Act, the heavier the later."""

    DEFAULT = "default"
    IMPORTANT_1 = "important-1"
    IMPORTANT_2 = "important-2"
    CRITICAL = "critical"


class FactDefinition(Catalogued):
    """Something that decides whether duties apply. `words` in the client's sector, or in what a
    component is made with, suggest it."""

    id: str
    question: Wording
    computed: bool = False
    words: list[str] = Field(default_factory=list)
    decides: Wording | None = None


class Condition(Catalogued):
    """Ids of facts: every one of `all`, one of `any` when there are some, none of `none`."""

    all: list[str] = Field(default_factory=list)
    any: list[str] = Field(default_factory=list)
    none: list[str] = Field(default_factory=list)


class Obligation(Catalogued):
    """A duty. `since` is the day from which it applies, None when it is not settled."""

    id: str
    article: Wording
    name: Wording
    bearer: Bearer
    when: Condition
    since: date | None = None
    status: LawStatus = LawStatus.IN_FORCE
    check: Wording | None = None
    to_check: Wording | None = None


class Regulation(Catalogued):
    """A law and its duties. `reference` is how it is cited."""

    id: str
    name: Wording
    short: Wording
    reference: Wording
    sanction: Wording | None = None
    obligations: list[Obligation]


class CraFunction(Catalogued):
    """What a product is for, with its class; `kinds` of components suggest it."""

    id: str
    name: Wording
    class_: CraClass = Field(alias="class")
    kinds: list[str] = Field(default_factory=list)


class Regulations(Catalogue):
    """`regulations.yaml`."""

    facts: list[FactDefinition]
    regulations: list[Regulation]
    cra_functions: list[CraFunction]
    eea: frozenset[str]


def regulations() -> Regulations:
    """The catalogue."""
    return catalogue("regulations", Regulations)
