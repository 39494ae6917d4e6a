"""A Threagile model as a draft of our files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from jalon.catalogues.threat_rules import threat_rules
from jalon.design.spec.architecture import (
    ArchitectureFile,
    Component,
    Flow,
    Layer,
    Protection,
    Updates,
    Zone,
)
from jalon.design.spec.security import (
    Acceptance,
    OwnThreat,
    SecurityFile,
    Stakes,
    StrideLetter,
)
from jalon.design.spec.solution import ExistingSystem
from jalon.design.threats.exchange import threagile_words as words
from jalon.design.threats.exchange.draft import Draft, Ids, exposure_named, slug, tagged
from jalon.design.threats.exchange.threagile_model import (
    CommunicationLink,
    RiskCategory,
    TechnicalAsset,
    ThreagileModel,
)
from jalon.vocab.entries import Wording
from jalon.vocab.text import N_, Text

_RATED = Wording(fr="Repris de Threagile", en="Taken from Threagile")


def from_threagile(model: ThreagileModel) -> Draft:
    """Components, zones and flows, what they are worth, risks by hand, and what was accepted."""
    ids = Ids()
    assets = model.technical_assets or {}
    inside = _inside(model, ids)
    names = {asset.id: (name, asset) for name, asset in assets.items()}
    components = [
        _component(name, asset, ids, inside)
        for name, asset in assets.items()
        if asset.type != "external-entity"
    ]
    systems = [
        ExistingSystem(id=ids.of("part", asset.id, name), name=_wording(asset.description, name))
        for name, asset in assets.items()
        if asset.type == "external-entity"
    ]
    flows = [
        _flow(name, link, asset, ids, names)
        for asset in assets.values()
        for name, link in (asset.communication_links or {}).items()
        if link.target in names
    ]
    zones = [
        Zone(
            id=ids.of("zone", one.id, name),
            name=_wording(one.description, name),
            exposure=exposure_named(tagged(one.tags).get("exposure"))
            or words.EXPOSURES.get(one.type, words.EXPOSURES["network-on-prem"]),
        )
        for name, one in (model.trust_boundaries or {}).items()
    ]
    architecture = ArchitectureFile(zones=zones, components=components, flows=flows)
    security = SecurityFile(
        threats=list(_threats(model, ids)),
        accepted=list(_accepted(model)),
        stakes=[
            _stakes(asset, ids) for asset in assets.values() if asset.type != "external-entity"
        ],
    )
    left = tuple(_left(model, ids))
    return Draft(model.title or "imported", architecture, security, systems, left)


def _inside(model: ThreagileModel, ids: Ids) -> Mapping[str, str]:
    """Asset → zone. An asset of several boundaries is in the first that names it."""
    found: dict[str, str] = {}
    for name, one in (model.trust_boundaries or {}).items():
        for asset in one.technical_assets_inside or ():
            found.setdefault(asset, ids.of("zone", one.id, name))
    return found


def _component(name: str, asset: TechnicalAsset, ids: Ids, inside: Mapping[str, str]) -> Component:
    said = tagged(asset.tags)
    technology = asset.technology or next(iter(asset.technologies or ()), "")
    kind, layer = words.KIND_OF_TECHNOLOGY.get(technology, ("service", Layer.PROCESSING))
    layers = {one.value for one in Layer}
    updates = said.get("updates")
    ours = "layer" in said
    return Component(
        id=ids.of("part", asset.id, name),
        name=_wording(asset.description if ours else None, name),
        layer=Layer(said["layer"]) if said.get("layer") in layers else layer,
        zone=inside.get(asset.id),
        kind=said.get("kind") if ours else kind,
        technology=said.get("technology") if ours else technology or None,
        count=int(said["count"]) if said.get("count", "").isdecimal() else None,
        updates=Updates(updates) if updates in {one.value for one in Updates} else None,
        host=said.get("host"),
        hosted_by=asset.owner or None,
        internet=True if asset.internet else None,
        redundant=asset.redundant,
        description=None if ours or not asset.description else _wording(asset.description, name),
    )


def _flow(
    name: str,
    link: CommunicationLink,
    asset: TechnicalAsset,
    ids: Ids,
    names: Mapping[str, tuple[str, TechnicalAsset]],
) -> Flow:
    said = tagged(link.tags)
    protocol, encryption = words.PROTOCOLS.get(link.protocol, (link.protocol, None))
    if link.protocol.endswith("-encrypted"):
        encryption = encryption or "TLS"
    if link.vpn:
        encryption = "VPN"
    ours = "protocol" in said
    protection = Protection(
        encryption=said.get("encryption") if ours else encryption,
        authentication=said.get("authentication")
        if ours
        else words.AUTHENTICATION.get(link.authentication),
        integrity=said.get("integrity"),
    )
    written = Protection() != protection
    size = said.get("size", "")
    return Flow.model_validate(
        {
            "id": ids.of("flow", f"{asset.id}>{name}" if not ours else name, name),
            "from": ids.of("part", asset.id, names[asset.id][0]),
            "to": ids.of("part", link.target, names[link.target][0]),
            "protocol": said.get("protocol", protocol),
            "payload": _wording(link.description, name) if link.description else None,
            "format": said.get("format"),
            "size": int(size) if size.isdecimal() else None,
            "rate": said.get("rate"),
            "personal_data": said.get("personal") == "yes",
            "protection": protection if written else None,
        }
    )


def _stakes(asset: TechnicalAsset, ids: Ids) -> Stakes:
    return Stakes(
        id=ids.of("part", asset.id),
        secrecy=words.worth_of(asset.confidentiality),
        integrity=words.worth_of(asset.integrity),
        service=words.worth_of(asset.availability),
        reason=_wording(asset.justification_cia_rating, "")
        if asset.justification_cia_rating
        else _RATED,
    )


def _threats(model: ThreagileModel, ids: Ids) -> Iterator[OwnThreat]:
    """Risks by hand; those that our rules find anyway are left to them."""
    parts = {asset.id for asset in (model.technical_assets or {}).values()}
    for title, category in (model.individual_risk_categories or {}).items():
        if category.id in threat_rules():
            continue
        risks = list((category.risks_identified or {}).values())
        hit = [one.most_relevant_technical_asset for one in risks]
        gravity = max((_place(words.IMPACTS, one.exploitation_impact) for one in risks), default=2)
        likelihood = max(
            (_place(words.LIKELIHOODS, one.exploitation_likelihood) for one in risks), default=2
        )
        yield OwnThreat(
            id=ids.of("threat", category.id, title),
            name=_wording(title, category.id),
            elements=[ids.of("part", one) for one in dict.fromkeys(hit) if one in parts and one],
            stride=_letters(category),
            gravity=gravity,
            likelihood=likelihood,
            reason=_wording(category.description, title),
        )


def _letters(category: RiskCategory) -> list[StrideLetter]:
    return [StrideLetter(key) for key, word in words.STRIDE.items() if word == category.stride]


def _place(scale: tuple[str, ...], word: str) -> int:
    return scale.index(word) + 1 if word in scale else 2


def _accepted(model: ThreagileModel) -> Iterator[Acceptance]:
    for key, one in (model.risk_tracking or {}).items():
        day = _day(one.date)
        if one.status == "accepted" and day and key.partition("@")[0] in threat_rules():
            yield Acceptance(
                id=slug(key),
                threat=key,
                reason=_wording(one.justification, key),
                by=one.checked_by or "?",
                on=day,
            )


def _day(value: str | date | None) -> date | None:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value or "")
    except ValueError:
        return None


def _left(model: ThreagileModel, ids: Ids) -> Iterator[Text]:
    """What found no place."""
    tracked = model.risk_tracking or {}
    foreign = [key for key in tracked if key.partition("@")[0] not in threat_rules()]
    undated = [k for k, one in tracked.items() if one.status == "accepted" and not _day(one.date)]
    if undated:
        text = N_("Accepted without a date, so not carried over: {keys}.")
        yield Text(text, {"keys": ", ".join(undated)})
    if foreign:
        text = N_("Decisions on risks of Threagile's own rules are not carried over: {keys}.")
        yield Text(text, {"keys": ", ".join(foreign)})
    done = [key for key, one in tracked.items() if one.status == "mitigated" and key not in foreign]
    if done:
        text = N_("Write controls for what was mitigated: {keys}.")
        yield Text(text, {"keys": ", ".join(done)})
    if model.data_assets:
        text = N_("Data assets are left to privacy.yaml: {names}.")
        yield Text(text, {"names": ", ".join(model.data_assets)})
    nested = [
        name for name, one in (model.trust_boundaries or {}).items() if one.trust_boundaries_nested
    ]
    if nested:
        text = N_("Zones do not lie within each other here: {names}.")
        yield Text(text, {"names": ", ".join(nested)})
    if model.shared_runtimes:
        text = N_("Write shared runtimes as “host” of their components: {names}.")
        yield Text(text, {"names": ", ".join(model.shared_runtimes)})
    if ids.changed:
        text = N_("Ids that had to change: {ids}.")
        yield Text(text, {"ids": ", ".join(ids.changed)})


def _wording(text: str | None, otherwise: str) -> Wording:
    said = (text or "").strip() or otherwise.strip() or "?"
    return Wording(fr=said, en=said)
