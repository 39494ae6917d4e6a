"""Our model as an Open Threat Model. What OTM has no word for stands in attributes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from jalon.design.blueprint import Blueprint
from jalon.design.controls import Strength
from jalon.design.spec.architecture import Direction, Exposure
from jalon.design.spec.privacy import Personal
from jalon.design.structure.graph import Edge, Node, graph
from jalon.design.threats.chain import Proof, proofs, story
from jalon.design.threats.exchange.otm_model import (
    Asset,
    AssetInstance,
    AssetRisk,
    Attributes,
    Dataflow,
    Mitigation,
    MitigationState,
    OtmComponent,
    OtmModel,
    OtmThreat,
    Parent,
    Project,
    ThreatRisk,
    ThreatState,
    TrustZone,
    ZoneRisk,
)
from jalon.design.threats.report import threats
from jalon.design.threats.threat import STRIDE_WORDS, Threat, Treatment
from jalon.vocab.text import Names

NOWHERE = "jalon-no-zone"
"""The trust zone of what stands in none: OTM wants one for everything."""
EXTERNAL = "external-system"
TRUST = {
    Exposure.RESTRICTED: 100,
    Exposure.PRIVATE: 75,
    Exposure.SHARED: 40,
    Exposure.PUBLIC: 10,
}
PERSONAL = {Personal.NONE: 25, Personal.INDIRECT: 50, Personal.DIRECT: 75}
_STATES = {
    Treatment.OPEN: "exposed",
    Treatment.PLANNED: "exposed",
    Treatment.FAILED: "exposed",
    Treatment.TREATED: "mitigated",
    Treatment.ACCEPTED: "accepted",
}
_LANGUAGE = "en"


def to_otm(blueprint: Blueprint, today: date) -> OtmModel:
    """The whole model with its threats, their states and what mitigates them."""
    drawn, found = graph(blueprint), threats(blueprint)
    worth = {one.control.id: one for one in proofs(blueprint)}
    states: dict[str, list[ThreatState]] = defaultdict(list)
    for threat in found:
        states[threat.element].append(_state(threat, worth, today))
    zones = [
        TrustZone(
            id=zone.id,
            name=_say(zone.name.names),
            type=zone.exposure.value,
            risk=ZoneRisk(trust_rating=TRUST[zone.exposure]),
            attributes={"exposure": zone.exposure.value},
        )
        for zone in drawn.zones.values()
    ]
    if any(node.zone is None for node in drawn.nodes.values()):
        zones.append(TrustZone(id=NOWHERE, name="No zone", type=NOWHERE))
    about = blueprint.about
    return OtmModel(
        project=Project(
            name=_say(about.name.names),
            id=about.id,
            description=_say(about.problem.statement.names),
            owner=about.client.name,
        ),
        assets=[
            Asset(
                id=one.id,
                name=_say(one.name.names),
                risk=AssetRisk(confidentiality=PERSONAL[one.personal]),
                attributes={"personal": one.personal.value},
            )
            for one in blueprint.privacy.data
        ],
        trust_zones=zones,
        components=[_component(node, states[node.id]) for node in drawn.nodes.values()],
        dataflows=[_dataflow(edge, states[edge.id]) for edge in drawn.edges.values()],
        threats=[_threat(one, blueprint) for one in found],
        mitigations=[_mitigation(one) for one in worth.values()],
    )


def _component(node: Node, states: Sequence[ThreatState]) -> OtmComponent:
    component = node.component
    zone = node.zone.id if node.zone else NOWHERE
    if component is None:
        return OtmComponent(
            id=node.id,
            name=_say(node.names),
            type=EXTERNAL,
            parent=Parent(trust_zone=zone),
            threats=list(states),
        )
    return OtmComponent(
        id=node.id,
        name=_say(node.names),
        type=node.kinds[0] if node.kinds else "service",
        description=_say(component.description.names) if component.description else None,
        parent=Parent(trust_zone=zone),
        assets=AssetInstance(stored=list(component.stores)) if component.stores else None,
        threats=list(states),
        attributes=_told(
            {
                "layer": component.layer.value,
                "kind": component.kind,
                "technology": component.technology,
                "count": component.count,
                "updates": component.updates.value if component.updates else None,
                "host": component.host,
                "hosted_by": component.hosted_by,
                "redundant": component.redundant or None,
            }
        ),
    )


def _dataflow(edge: Edge, states: Sequence[ThreatState]) -> Dataflow:
    flow = edge.flow
    written = flow.protection
    return Dataflow(
        id=flow.id,
        name=_say(flow.payload.names) if flow.payload else flow.id,
        bidirectional=flow.direction is Direction.BOTH,
        source=flow.from_,
        destination=flow.to,
        assets=list(flow.data),
        threats=list(states),
        attributes=_told(
            {
                "protocol": flow.protocol,
                "format": flow.format,
                "size": flow.size,
                "rate": flow.rate,
                "personal_data": flow.personal_data or None,
                "encryption": written.encryption if written else None,
                "authentication": written.authentication if written else None,
                "integrity": written.integrity if written else None,
                "payload": "yes" if flow.payload else None,
            }
        ),
    )


def _state(threat: Threat, worth: Mapping[str, Proof], today: date) -> ThreatState:
    return ThreatState(
        threat=threat.key,
        state=_STATES[threat.treatment(today)],
        mitigations=[
            MitigationState(
                mitigation=one,
                state="implemented" if worth[one].strength.counts else "required",
            )
            for one in threat.controls
        ],
    )


def _threat(one: Threat, blueprint: Blueprint) -> OtmThreat:
    told = story(blueprint, one)
    return OtmThreat(
        id=one.key,
        name=_say(one.title),
        description=_say(told) if told else None,
        categories=[STRIDE_WORDS[letter].partition(" ")[2] for letter in one.stride],
        cwes=[f"CWE-{number}" for number in one.cwe],
        risk=ThreatRisk(
            likelihood=one.likelihood * 25,
            likelihood_comment="; ".join(str(why) for why in one.why_likelihood),
            impact=one.gravity * 25,
            impact_comment="; ".join(str(why) for why in one.why_gravity),
        ),
        attributes={"residual": one.residual.name.lower()},
    )


def _mitigation(one: Proof) -> Mitigation:
    lowers = one.control.lowers.likelihood + one.control.lowers.gravity
    return Mitigation(
        id=one.control.id,
        name=_say(one.control.name.names),
        description=_say(one.control.description.names) if one.control.description else None,
        risk_reduction=min(lowers * 25, 100) if one.strength is not Strength.FAILED else 0,
        attributes={
            "status": one.control.status.value,
            "tests": list(one.control.tests),
            "provisions": list(one.control.provisions),
        },
    )


def _told(said: Mapping[str, object]) -> Attributes:
    return {key: value for key, value in said.items() if value is not None}


def _say(names: Names) -> str:
    return names.in_language(_LANGUAGE)
