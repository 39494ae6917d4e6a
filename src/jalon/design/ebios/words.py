"""The study's words, as message ids."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from jalon.design.controls import Strength
from jalon.design.spec.ebios import (
    AssetKind,
    BaselineStatus,
    PartyKind,
    Phase,
    Quality,
    Strategy,
    ValueKind,
)
from jalon.vocab.text import N_

VALUE_KINDS: Mapping[ValueKind, str] = MappingProxyType(
    {
        ValueKind.PROCESS: N_("process"),
        ValueKind.FUNCTION: N_("function"),
        ValueKind.INFORMATION: N_("information"),
    }
)
ASSET_KINDS: Mapping[AssetKind, str] = MappingProxyType(
    {
        AssetKind.HARDWARE: N_("hardware"),
        AssetKind.SOFTWARE: N_("software"),
        AssetKind.NETWORK: N_("network"),
        AssetKind.SYSTEM: N_("system of others"),
        AssetKind.PEOPLE: N_("people"),
        AssetKind.PLACE: N_("place"),
    }
)
QUALITIES: Mapping[Quality, str] = MappingProxyType(
    {
        Quality.AVAILABILITY: N_("availability"),
        Quality.INTEGRITY: N_("integrity"),
        Quality.CONFIDENTIALITY: N_("confidentiality"),
        Quality.TRACEABILITY: N_("traceability"),
    }
)
BASELINE: Mapping[BaselineStatus, str] = MappingProxyType(
    {
        BaselineStatus.APPLIED: N_("applied"),
        BaselineStatus.PARTLY: N_("partly applied"),
        BaselineStatus.NOT_APPLIED: N_("not applied"),
    }
)
PARTIES: Mapping[PartyKind, str] = MappingProxyType(
    {
        PartyKind.CLIENT: N_("client"),
        PartyKind.PARTNER: N_("partner"),
        PartyKind.SUPPLIER: N_("supplier"),
    }
)
PHASES: Mapping[Phase, str] = MappingProxyType(
    {
        Phase.KNOW: N_("know"),
        Phase.ENTER: N_("enter"),
        Phase.FIND: N_("find"),
        Phase.EXPLOIT: N_("exploit"),
    }
)
STRATEGIES: Mapping[Strategy, str] = MappingProxyType(
    {
        Strategy.AVOID: N_("avoid"),
        Strategy.REDUCE: N_("reduce"),
        Strategy.TRANSFER: N_("transfer"),
        Strategy.ACCEPT: N_("accept"),
    }
)
STRENGTHS: Mapping[Strength, str] = MappingProxyType(
    {
        Strength.PLANNED: N_("planned"),
        Strength.CLAIMED: N_("in place, not proved"),
        Strength.PROVED: N_("proved by its tests"),
        Strength.FAILED: N_("its test failed"),
    }
)
WORKSHOPS: Mapping[int, str] = MappingProxyType(
    {
        1: N_("Scope and security baseline"),
        2: N_("Risk origins"),
        3: N_("Strategic scenarios"),
        4: N_("Operational scenarios"),
        5: N_("Risk treatment"),
    }
)
