"""A threat: what a rule, or a person, finds that could happen to an element of the solution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from jalon.design.controls import Strength
from jalon.design.scales import Gravity, Likelihood, Risk
from jalon.design.spec.security import Acceptance
from jalon.vocab.text import N_, Names, Text


class Stride(StrEnum):
    """What is lost: authenticity, integrity, accountability, secrecy, service, permission."""

    SPOOFING = "S"
    TAMPERING = "T"
    REPUDIATION = "R"
    DISCLOSURE = "I"
    DENIAL = "D"
    ELEVATION = "E"


class Linddun(StrEnum):
    """What is lost of a person's privacy."""

    LINKING = "L"
    IDENTIFYING = "Id"
    NON_REPUDIATION = "Nr"
    DETECTING = "D"
    DISCLOSURE = "Dd"
    UNAWARENESS = "U"
    NON_COMPLIANCE = "Nc"


STRIDE_WORDS: Mapping[Stride, str] = MappingProxyType(
    {
        Stride.SPOOFING: N_("S spoofing"),
        Stride.TAMPERING: N_("T tampering"),
        Stride.REPUDIATION: N_("R repudiation"),
        Stride.DISCLOSURE: N_("I information disclosure"),
        Stride.DENIAL: N_("D denial of service"),
        Stride.ELEVATION: N_("E elevation of privilege"),
    }
)
LINDDUN_WORDS: Mapping[Linddun, str] = MappingProxyType(
    {
        Linddun.LINKING: N_("linking"),
        Linddun.IDENTIFYING: N_("identifying"),
        Linddun.NON_REPUDIATION: N_("non-repudiation"),
        Linddun.DETECTING: N_("detecting"),
        Linddun.DISCLOSURE: N_("data disclosure"),
        Linddun.UNAWARENESS: N_("unawareness"),
        Linddun.NON_COMPLIANCE: N_("non-compliance"),
    }
)


class ElementKind(StrEnum):
    """What a threat is about. `EXTERNAL` is an existing system of solution.yaml."""

    COMPONENT = "component"
    FLOW = "flow"
    EXTERNAL = "external"
    ZONE = "zone"
    SOLUTION = "solution"


class Treatment(StrEnum):
    """What is done about it today. `OPEN`: nothing that counts. `PLANNED`: controls that are not
    there yet. `FAILED`: a control whose test failed. `TREATED`: controls that count."""

    OPEN = "open"
    PLANNED = "planned"
    FAILED = "failed"
    TREATED = "treated"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Threat:
    """One threat of one element. `key` is `rule@element` and stays as long as both do.

    `rule` is the id of the rule, or of the entry written by hand in security.yaml, and then
    `own`. `initial` is the risk without any control, `residual` with those that count today.
    `controls` are the ids of those that treat it; `strength` is that of the best of them that did
    not fail, FAILED when one failed and none counts, None without any. `component` is the one
    that it hits: the element itself, or where a flow arrives.
    """

    key: str
    rule: str
    kind: ElementKind
    element: str
    element_names: Names
    title: Names
    stride: tuple[Stride, ...]
    gravity: Gravity
    likelihood: Likelihood
    initial: Risk
    residual_gravity: Gravity
    residual_likelihood: Likelihood
    residual: Risk
    linddun: tuple[Linddun, ...] = ()
    cwe: tuple[int, ...] = ()
    capec: tuple[int, ...] = ()
    component: str = ""
    why_gravity: tuple[Text, ...] = ()
    why_likelihood: tuple[Text, ...] = ()
    why_residual: tuple[Text, ...] = ()
    controls: tuple[str, ...] = ()
    strength: Strength | None = None
    acceptance: Acceptance | None = None
    own: bool = False

    def accepted(self, today: date) -> bool:
        """Whether it is lived with by a decision that still holds."""
        acceptance = self.acceptance
        return acceptance is not None and (acceptance.until is None or today <= acceptance.until)

    def treatment(self, today: date) -> Treatment:
        """What is done about it on that day."""
        if self.strength is Strength.FAILED:
            return Treatment.FAILED
        if self.accepted(today):
            return Treatment.ACCEPTED
        if self.strength is None:
            return Treatment.OPEN
        return Treatment.TREATED if self.strength.counts else Treatment.PLANNED
