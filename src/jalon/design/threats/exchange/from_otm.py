"""An Open Threat Model as a draft of our files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from math import ceil

from jalon.catalogues.component_kinds import component_kinds, kinds_named
from jalon.catalogues.threat_rules import threat_rules
from jalon.design.spec.architecture import (
    ArchitectureFile,
    Component,
    Direction,
    Exposure,
    Flow,
    Layer,
    Protection,
    Updates,
    Zone,
)
from jalon.design.spec.security import (
    Control,
    ControlStatus,
    OwnThreat,
    SecurityFile,
    StrideLetter,
)
from jalon.design.spec.solution import ExistingSystem
from jalon.design.threats.exchange.draft import Draft, Ids, exposure_named
from jalon.design.threats.exchange.otm_model import (
    Attributes,
    Dataflow,
    OtmComponent,
    OtmModel,
    OtmThreat,
    Parent,
    ThreatState,
    TrustZone,
)
from jalon.design.threats.exchange.to_otm import EXTERNAL, NOWHERE
from jalon.vocab.entries import Wording
from jalon.vocab.text import N_, Text

_STRIDE = {
    "spoofing": "S",
    "tampering": "T",
    "repudiation": "R",
    "information disclosure": "I",
    "denial of service": "D",
    "elevation of privilege": "E",
}


def from_otm(model: OtmModel) -> Draft:
    """Zones, components and flows; threats that our rules do not find; mitigations as controls."""
    ids = Ids()
    components = model.components or []
    zones = [_zone(one, ids) for one in model.trust_zones if one.id != NOWHERE]
    standing = _standing(components)
    parts = [
        _component(one, ids, standing.get(one.id)) for one in components if one.type != EXTERNAL
    ]
    systems = [
        ExistingSystem(id=ids.of("part", one.id, one.name), name=_wording(one.name))
        for one in components
        if one.type == EXTERNAL
    ]
    there = {one.id for one in components}
    flows = [
        _flow(one, ids)
        for one in model.dataflows
        if one.source in there and one.destination in there
    ]
    hits = _hits(model)
    known = {one.id: one for one in model.threats or []}
    own = [one for one in known.values() if one.id.partition("@")[0] not in threat_rules()]
    security = SecurityFile(
        threats=[_threat(one, hits, ids) for one in own], controls=_controls(model, ids)
    )
    architecture = ArchitectureFile(zones=zones, components=parts, flows=flows)
    return Draft(model.project.name, architecture, security, systems, tuple(_left(model, ids)))


def _zone(one: TrustZone, ids: Ids) -> Zone:
    said = exposure_named(_text(one.attributes, "exposure"))
    return Zone(
        id=ids.of("zone", one.id, one.name),
        name=_wording(one.name),
        exposure=said or _trusted(one.risk.trust_rating),
        description=_wording(one.description) if one.description else None,
    )


def _trusted(rating: float) -> Exposure:
    """Of 0 to 100."""
    if rating >= 90:
        return Exposure.RESTRICTED
    if rating >= 60:
        return Exposure.PRIVATE
    return Exposure.SHARED if rating >= 25 else Exposure.PUBLIC


def _standing(components: Sequence[OtmComponent]) -> Mapping[str, str]:
    """Component → trust zone, through the components it lies in."""
    parents = {one.id: one.parent for one in components}
    found: dict[str, str] = {}
    for one in components:
        parent: Parent | None = one.parent
        steps = 0
        while parent and parent.component and steps < len(parents):
            parent, steps = parents.get(parent.component), steps + 1
        if parent and parent.trust_zone and parent.trust_zone != NOWHERE:
            found[one.id] = parent.trust_zone
    return found


def _component(one: OtmComponent, ids: Ids, zone: str | None) -> Component:
    said = one.attributes
    kinds, _strange = kinds_named(one.type.replace("-", " "))
    layers = component_kinds()[kinds[0]].layers if kinds else [Layer.PROCESSING.value]
    layer = _text(said, "layer")
    updates = _text(said, "updates")
    count = (said or {}).get("count")
    return Component(
        id=ids.of("part", one.id, one.name),
        name=_wording(one.name),
        layer=Layer(layer if layer in {each.value for each in Layer} else layers[0]),
        zone=ids.of("zone", zone) if zone else None,
        kind=_text(said, "kind") or (None if layer else one.type),
        technology=_text(said, "technology"),
        count=count if isinstance(count, int) else None,
        updates=Updates(updates) if updates in {each.value for each in Updates} else None,
        host=_text(said, "host"),
        hosted_by=_text(said, "hosted_by"),
        redundant=bool((said or {}).get("redundant")),
        description=_wording(one.description) if one.description else None,
    )


def _flow(one: Dataflow, ids: Ids) -> Flow:
    said = one.attributes
    protection = Protection(
        encryption=_text(said, "encryption"),
        authentication=_text(said, "authentication"),
        integrity=_text(said, "integrity"),
    )
    size = (said or {}).get("size")
    ours = _text(said, "protocol") is not None
    payload = one.name if not ours or _text(said, "payload") else None
    return Flow.model_validate(
        {
            "id": ids.of("flow", one.id, one.name),
            "from": ids.of("part", one.source),
            "to": ids.of("part", one.destination),
            "protocol": _text(said, "protocol") or "?",
            "payload": _wording(payload) if payload else None,
            "format": _text(said, "format"),
            "size": size if isinstance(size, int) else None,
            "rate": _text(said, "rate"),
            "direction": Direction.BOTH if one.bidirectional else Direction.ONE_WAY,
            "personal_data": bool((said or {}).get("personal_data")),
            "protection": None if protection == Protection() else protection,
        }
    )


def _hits(model: OtmModel) -> Mapping[str, list[tuple[str, str, ThreatState]]]:
    """Threat → the elements it is about: ("part" or "flow", their id, its state there)."""
    found: dict[str, list[tuple[str, str, ThreatState]]] = defaultdict(list)
    for part in model.components or []:
        for state in part.threats or []:
            found[state.threat].append(("part", part.id, state))
    for flow in model.dataflows:
        for state in flow.threats or []:
            found[state.threat].append(("flow", flow.id, state))
    return found


def _threat(
    one: OtmThreat, hits: Mapping[str, list[tuple[str, str, ThreatState]]], ids: Ids
) -> OwnThreat:
    named = [ids.of(space, theirs) for space, theirs, _state in hits.get(one.id, ())]
    letters = [
        _STRIDE.get((word or "").casefold().replace("-", " ")) for word in one.categories or ()
    ]
    likelihood = one.risk.likelihood if one.risk.likelihood is not None else 50
    return OwnThreat(
        id=ids.of("threat", one.id.partition("@")[0], one.name),
        name=_wording(one.name),
        elements=list(dict.fromkeys(named)),
        stride=[StrideLetter(letter) for letter in letters if letter],
        gravity=_quarter(one.risk.impact),
        likelihood=_quarter(likelihood),
        reason=_wording(one.description or one.name),
    )


def _quarter(hundred: float) -> int:
    """0 to 100 as 1 to 4."""
    return min(max(ceil(hundred / 25), 1), 4)


def _controls(model: OtmModel, ids: Ids) -> list[Control]:
    treats: dict[str, list[str]] = defaultdict(list)
    done: dict[str, bool] = {}
    for threat, hits in _hits(model).items():
        rule, _at, _element = threat.partition("@")
        for space, theirs, state in hits:
            name = rule if rule in threat_rules() else ids.of("threat", rule)
            key = f"{name}@{ids.of(space, theirs)}"
            for one in state.mitigations:
                if one and one.mitigation:
                    treats[one.mitigation].append(key)
                    done[one.mitigation] = one.state == "implemented" and done.get(
                        one.mitigation, True
                    )
    return [
        Control(
            id=ids.of("control", one.id, one.name),
            name=_wording(one.name),
            status=_status(one.attributes, done.get(one.id, False)),
            treats=list(dict.fromkeys(treats[one.id])),
            provisions=_list(one.attributes, "provisions"),
            description=_wording(one.description) if one.description else None,
        )
        for one in model.mitigations or []
    ]


def _status(said: Attributes | None, done: bool) -> ControlStatus:
    written = _text(said, "status")
    if written in {one.value for one in ControlStatus}:
        return ControlStatus(written)
    return ControlStatus.DONE if done else ControlStatus.PLANNED


def _left(model: OtmModel, ids: Ids) -> Iterator[Text]:
    """What found no place."""
    if model.assets:
        text = N_("Data assets are left to privacy.yaml: {names}.")
        yield Text(text, {"names": ", ".join(one.name for one in model.assets)})
    if model.representations:
        yield Text(N_("Positions on drawings are not kept: Jalon draws by itself."))
    nested = [one.name for one in model.components or [] if one.parent.component]
    nested += [one.name for one in model.trust_zones if one.parent]
    if nested:
        text = N_("Parts do not lie within each other here: {names}.")
        yield Text(text, {"names": ", ".join(nested)})
    unspoken = [one.id for one in model.dataflows if _text(one.attributes, "protocol") is None]
    if unspoken:
        text = N_("Write the protocol of these flows; OTM does not say it: {ids}.")
        yield Text(text, {"ids": ", ".join(unspoken)})
    if any(_list(one.attributes, "tests") for one in model.mitigations or []):
        yield Text(
            N_("Tests of mitigations are named in tests/: write them there, then link them.")
        )
    if ids.changed:
        text = N_("Ids that had to change: {ids}.")
        yield Text(text, {"ids": ", ".join(ids.changed)})


def _text(said: Attributes | None, key: str) -> str | None:
    value = (said or {}).get(key)
    return value if isinstance(value, str) and value else None


def _list(said: Attributes | None, key: str) -> list[str]:
    value = (said or {}).get(key)
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _wording(text: str | None) -> Wording:
    said = (text or "").strip() or "?"
    return Wording(fr=said, en=said)
