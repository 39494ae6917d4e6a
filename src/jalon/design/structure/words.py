"""The words of an architecture, to be translated when they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from jalon.catalogues.component_kinds import component_kinds
from jalon.catalogues.growth_limits import LimitMeasure
from jalon.catalogues.protections import Strength
from jalon.design.document import Speak
from jalon.design.spec.architecture import Exposure, Layer
from jalon.design.structure.graph import Edge, Node
from jalon.design.structure.protection import Guard
from jalon.vocab.text import N_, Text

LAYER_WORDS: Mapping[Layer, str] = MappingProxyType(
    {
        Layer.PERCEPTION: N_("Perception"),
        Layer.NETWORK: N_("Network"),
        Layer.PROCESSING: N_("Processing"),
        Layer.APPLICATION: N_("Application"),
        Layer.SECURITY: N_("Security"),
    }
)
EXPOSURE_WORDS: Mapping[Exposure, str] = MappingProxyType(
    {
        Exposure.PUBLIC: N_("public"),
        Exposure.SHARED: N_("shared with others"),
        Exposure.PRIVATE: N_("private"),
        Exposure.RESTRICTED: N_("restricted"),
    }
)
STRENGTH_WORDS: Mapping[Strength, str] = MappingProxyType(
    {
        Strength.GOOD: N_("guarded"),
        Strength.LINK: N_("guarded on the first hop"),
        Strength.WEAK: N_("broken"),
        Strength.NONE: N_("none"),
        Strength.DECIDED: N_("not needed: same machine"),
        Strength.OTHER: N_("guarded, in words of its own"),
        Strength.UNKNOWN: N_("not written"),
    }
)
UNIT_WORDS: Mapping[LimitMeasure, str] = MappingProxyType(
    {
        LimitMeasure.MESSAGES_S: N_("messages a second"),
        LimitMeasure.CONNECTIONS: N_("connections"),
        LimitMeasure.UPLINKS_H: N_("uplinks an hour"),
    }
)


class Diagram(StrEnum):
    """The views of an architecture."""

    CONTEXT = "context"
    LAYERS = "layers"
    FLOWS = "flows"
    DEPLOYMENT = "deployment"


DIAGRAM_WORDS: Mapping[Diagram, str] = MappingProxyType(
    {
        Diagram.CONTEXT: N_("Context"),
        Diagram.LAYERS: N_("Layers"),
        Diagram.FLOWS: N_("Flows and zones"),
        Diagram.DEPLOYMENT: N_("Deployment"),
    }
)


def said(speak: Speak, message: str, **params: object) -> str:
    """A sentence of ours in the reader's language."""
    return speak.render(Text(message, params))


def guard_words(speak: Speak, guard: Guard) -> str:
    """What guards, as the author wrote it; what it means where nothing usable is written."""
    meaning = said(speak, STRENGTH_WORDS[guard.strength])
    if not guard.words:
        return meaning
    if guard.strength in (Strength.WEAK, Strength.LINK):
        return f"{guard.words} ({meaning})"
    return guard.words


def kind_words(speak: Speak, node: Node) -> str:
    """What a component is, by the names of its kinds."""
    return ", ".join(speak.word(component_kinds()[kind].names) for kind in node.kinds)


def name_of(speak: Speak, node: Node) -> str:
    """Its name, with how many there are when it is not one."""
    name = speak.word(node.names)
    return name if node.count == 1 else f"{node.count} × {name}"


def crossing_words(speak: Speak, edge: Edge) -> str:
    """Which border a flow crosses."""
    if edge.local:
        return said(speak, N_("stays on the machine"))
    if not edge.crosses:
        inside = edge.source.zone
        return said(speak, N_("stays in {zone}"), zone=speak.word(inside.name) if inside else "–")
    return f"{zone_words(speak, edge.source)} → {zone_words(speak, edge.target)}"


def zone_words(speak: Speak, node: Node) -> str:
    """The zone it stands in."""
    return speak.word(node.zone.name) if node.zone else said(speak, N_("no zone written"))


def number(speak: Speak, value: float) -> str:
    """Three figures are enough: 0.0756, 12.3, 1 230, 55 400, as the reader's language writes."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}".replace(",", "\u202f")
    text = f"{value:.3g}" if abs(value) >= 0.001 else "<\u00a00.001"
    return text.replace(".", ",") if speak.code == "fr" else text


def amount_of_bytes(speak: Speak, value: float) -> str:
    """With the unit that fits, powers of 1,000."""
    for unit, size in ((N_("GB"), 1e9), (N_("MB"), 1e6), (N_("kB"), 1e3)):
        if value >= size:
            return f"{number(speak, value / size)}\u00a0{said(speak, unit)}"
    return f"{number(speak, value)}\u00a0{said(speak, N_('B'))}"
