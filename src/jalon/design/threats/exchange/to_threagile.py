"""Our model as Threagile reads it. What it has no word for stands in tags `key:value`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from jalon.catalogues.threat_rules import Stake
from jalon.design.blueprint import Blueprint
from jalon.design.structure.graph import Edge, Node, graph
from jalon.design.threats.chain import story
from jalon.design.threats.elements import Element, elements
from jalon.design.threats.exchange import threagile_words as words
from jalon.design.threats.exchange.threagile_model import (
    Author,
    CommunicationLink,
    DataAsset,
    Described,
    IdentifiedRisk,
    RiskCategory,
    RiskTracking,
    TechnicalAsset,
    ThreagileModel,
    TrustBoundary,
)
from jalon.design.threats.report import threats
from jalon.design.threats.threat import ElementKind, Threat, Treatment
from jalon.vocab.text import Names

_LANGUAGE = "en"
"""Threagile has one language."""


def to_threagile(blueprint: Blueprint, today: date) -> ThreagileModel:
    """The whole model, with our threats as risks written by hand and what was decided of them."""
    drawn, parts = graph(blueprint), elements(blueprint)
    model = ThreagileModel(
        title=_say(blueprint.about.name.names),
        date=today.isoformat(),
        author=Author(name=blueprint.about.client.name),
        business_overview=Described(description=_say(blueprint.about.problem.statement.names)),
    )
    model.data_assets = {
        _say(one.name.names): DataAsset(
            id=one.id, description=_say(one.name.names), tags=[f"personal:{one.personal}"]
        )
        for one in blueprint.privacy.data
    }
    known = {one.id for one in blueprint.privacy.data}
    model.technical_assets = {
        node.id: _asset(node, parts[node.id], drawn.outgoing(node.id), known)
        for node in drawn.nodes.values()
    }
    model.trust_boundaries = {
        zone.id: TrustBoundary(
            id=zone.id,
            description=_say(zone.name.names),
            type=words.BOUNDARIES[zone.exposure],
            tags=[f"exposure:{zone.exposure}"],
            technical_assets_inside=[node.id for node in drawn.in_zone(zone.id)],
        )
        for zone in drawn.zones.values()
    }
    found = threats(blueprint)
    model.individual_risk_categories = dict(_categories(found, blueprint))
    model.risk_tracking = dict(_tracking(found, today))
    model.tags_available = sorted(set(_tags(model)))
    return model


def _asset(node: Node, part: Element, flows: Sequence[Edge], data: set[str]) -> TechnicalAsset:
    component = node.component
    tags = []
    if component:
        said = {
            "layer": component.layer,
            "kind": component.kind,
            "technology": component.technology,
            "count": component.count,
            "updates": component.updates,
            "host": component.host,
        }
        tags = [f"{key}:{value}" for key, value in said.items() if value is not None]
    kind = node.kinds[0] if node.kinds else "service"
    stores = kind in ("store", "identity-store", "certificate-authority")
    return TechnicalAsset(
        id=node.id,
        description=_say(node.names),
        type="external-entity" if node.system else "datastore" if stores else "process",
        out_of_scope=node.system is not None,
        used_as_client_by_human=kind in ("pages", "mobile-app"),
        technology=words.TECHNOLOGY_OF_KIND.get(kind, "unknown-technology"),
        tags=tags,
        internet=node.on_internet,
        owner=node.hosted_by or "",
        confidentiality=words.SECRECY[part.worth[Stake.SECRECY].gravity - 1],
        integrity=words.WORTH[part.worth[Stake.INTEGRITY].gravity - 1],
        availability=words.WORTH[part.worth[Stake.SERVICE].gravity - 1],
        redundant=bool(component and component.redundant),
        custom_developed_parts=node.system is None,
        data_assets_stored=[one for one in component.stores if one in data] if component else [],
        communication_links={
            edge.id: _link(edge, data) for edge in flows if edge.flow.from_ == node.id
        },
    )


def _link(edge: Edge, data: set[str]) -> CommunicationLink:
    flow = edge.flow
    written = flow.protection
    said = {
        "protocol": flow.protocol,
        "encryption": written.encryption if written else None,
        "authentication": written.authentication if written else None,
        "integrity": written.integrity if written else None,
        "format": flow.format,
        "size": flow.size,
        "rate": flow.rate,
        "personal": "yes" if flow.personal_data else None,
    }
    hidden = edge.protection.encryption.strength.guards
    spoken = edge.protocol.id if edge.protocol else ""
    protocol = words.PROTOCOL_OF_OURS.get(spoken, "binary-encrypted" if hidden else "binary")
    means = edge.protection.authentication.means
    known = words.AUTHENTICATION_OF_MEANS.get(means, "none")
    return CommunicationLink(
        target=flow.to,
        description=_say(flow.payload.names) if flow.payload else "",
        protocol=protocol,
        authentication=known,
        authorization="none" if known == "none" else "technical-user",
        vpn=edge.protection.encryption.means == "vpn",
        tags=[f"{key}:{value}" for key, value in said.items() if value is not None],
        data_assets_sent=[one for one in flow.data if one in data],
    )


def _categories(
    found: Sequence[Threat], blueprint: Blueprint
) -> Iterator[tuple[str, RiskCategory]]:
    """Our rules as categories, with each threat of theirs."""
    grouped: dict[str, list[Threat]] = defaultdict(list)
    for threat in found:
        grouped[threat.rule].append(threat)
    for rule, several in grouped.items():
        first = several[0]
        told = story(blueprint, first)
        yield (
            _say(first.title),
            RiskCategory(
                id=rule,
                description=_say(told) if told else "",
                impact="",
                stride=words.STRIDE[first.stride[0]] if first.stride else "information-disclosure",
                cwe=first.cwe[0] if first.cwe else 0,
                risks_identified={one.key: _risk(one) for one in several},
            ),
        )


def _risk(one: Threat) -> IdentifiedRisk:
    score = int(one.gravity) + int(one.likelihood)
    return IdentifiedRisk(
        severity=words.SEVERITIES[min(max(score - 3, 0), 4)],
        exploitation_likelihood=words.LIKELIHOODS[one.likelihood - 1],
        exploitation_impact=words.IMPACTS[one.gravity - 1],
        data_breach_probability="possible",
        most_relevant_technical_asset=one.component or None,
        most_relevant_trust_boundary=one.element if one.kind is ElementKind.ZONE else None,
    )


_STATUS = {
    Treatment.OPEN: "unchecked",
    Treatment.PLANNED: "in-progress",
    Treatment.FAILED: "in-progress",
    Treatment.TREATED: "mitigated",
    Treatment.ACCEPTED: "accepted",
}


def _tracking(found: Sequence[Threat], today: date) -> Iterator[tuple[str, RiskTracking]]:
    for one in found:
        treatment = one.treatment(today)
        if treatment is Treatment.OPEN:
            continue
        accepted = one.acceptance
        reason = _say(accepted.reason.names) if accepted else ", ".join(one.controls)
        day = accepted.on if accepted else today
        yield (
            one.key,
            RiskTracking(
                status=_STATUS[treatment],
                justification=reason,
                ticket="",
                date=day.isoformat(),
                checked_by=accepted.by if accepted else "",
            ),
        )


def _tags(model: ThreagileModel) -> Iterator[str]:
    for asset in (model.technical_assets or {}).values():
        yield from asset.tags or ()
        for link in (asset.communication_links or {}).values():
            yield from link.tags or ()
    for boundary in (model.trust_boundaries or {}).values():
        yield from boundary.tags or ()
    for data in (model.data_assets or {}).values():
        yield from data.tags or ()


def _say(names: Names) -> str:
    return names.in_language(_LANGUAGE)
