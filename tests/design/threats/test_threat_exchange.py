"""Models of other tools: what we write they can read, and what we read back is the same."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from small_fortress import SECURITY, write_fortress

from jalon.app.design.threat_exchange import bring_in, give_out
from jalon.app.solution import load
from jalon.design.blueprint import Blueprint
from jalon.design.spec.architecture import ArchitectureFile, Exposure, Layer
from jalon.design.spec.solution import SolutionFile
from jalon.design.threats.exchange.draft import Draft
from jalon.design.threats.exchange.from_otm import from_otm
from jalon.design.threats.exchange.from_threagile import from_threagile
from jalon.design.threats.exchange.otm_model import OtmModel
from jalon.design.threats.exchange.threagile_model import ThreagileModel
from jalon.design.threats.exchange.to_otm import to_otm
from jalon.design.threats.exchange.to_threagile import to_threagile
from jalon.vocab.errors import UsageError

TODAY = date(2026, 11, 23)
THREAGILE = """\
threagile_version: 1.0.0
title: Shop
technical_assets:
  Web Shop:
    id: web shop
    description: Sells
    type: process
    technology: web-application
    internet: true
    confidentiality: strictly-confidential
    communication_links:
      Orders: {target: orders-db, protocol: jdbc-encrypted, authentication: credentials, authorization: none}
  Orders:
    id: orders-db
    type: datastore
    technology: database
  Bank:
    id: bank
    type: external-entity
    technology: web-service-rest
trust_boundaries:
  DMZ: {id: dmz, type: network-cloud-provider, technical_assets_inside: [web shop]}
individual_risk_categories:
  Cheap guess: {id: cheap-guess, stride: spoofing, cwe: 521, risks_identified: {"at shop": {exploitation_likelihood: frequent, exploitation_impact: high, most_relevant_technical_asset: web shop}}}
risk_tracking:
  sql-nosql-injection@web-shop: {status: mitigated, justification: Done, ticket: X, date: 2026-01-01, checked_by: Ann}
"""  # noqa: E501
OTM = {
    "otmVersion": "0.2.0",
    "project": {"name": "Shop", "id": "shop"},
    "trustZones": [{"id": "f0-b", "name": "Internet", "risk": {"trustRating": 10}}],
    "components": [
        {"id": "c1", "name": "Shop", "type": "web-service", "parent": {"trustZone": "f0-b"}},
        {
            "id": "c2",
            "name": "Inside",
            "type": "database",
            "parent": {"component": "c1"},
            "threats": [
                {
                    "threat": "t1",
                    "state": "exposed",
                    "mitigations": [{"mitigation": "m1", "state": "implemented"}],
                }
            ],
        },
    ],
    "dataflows": [
        {"id": "d1", "name": "Orders", "source": "c1", "destination": "c2", "bidirectional": True}
    ],
    "threats": [
        {
            "id": "t1",
            "name": "Read",
            "categories": ["Information Disclosure"],
            "risk": {"likelihood": 51, "impact": 100},
        }
    ],
    "mitigations": [{"id": "m1", "name": "Encrypt", "riskReduction": 50}],
}
IDS = st.from_regex(r"[a-z][a-z0-9-]{0,11}", fullmatch=True)
WORDS = st.from_regex(r"[A-Za-zéè][A-Za-zéè :,'#{}-]{0,20}[a-z]", fullmatch=True)


@st.composite
def architectures(draw: st.DrawFn) -> ArchitectureFile:
    """Sound ones, with texts that YAML and tags find hard."""
    zones = draw(st.lists(IDS, unique=True, max_size=3))
    parts = draw(st.lists(IDS, unique=True, min_size=1, max_size=5))
    flows = draw(st.lists(IDS, unique=True, max_size=5))
    place = st.none() | st.sampled_from(zones) if zones else st.none()
    return ArchitectureFile.model_validate(
        {
            "zones": [
                {
                    "id": one,
                    "name": draw(WORDS),
                    "exposure": draw(st.sampled_from(list(Exposure))),
                }
                for one in zones
            ],
            "components": [
                {
                    "id": one,
                    "name": draw(WORDS),
                    "layer": draw(st.sampled_from(list(Layer))),
                    "zone": draw(place),
                    "kind": draw(st.none() | st.sampled_from(["sensor", "broker", "store"])),
                    "technology": draw(st.none() | WORDS),
                    "count": draw(st.none() | st.integers(0, 500)),
                    "redundant": draw(st.booleans()),
                }
                for one in parts
            ],
            "flows": [
                {
                    "id": one,
                    "from": draw(st.sampled_from(parts)),
                    "to": draw(st.sampled_from(parts)),
                    "protocol": draw(st.sampled_from(["MQTT", "LoRaWAN", "HTTPS", "Own: bus"])),
                    "size": draw(st.none() | st.integers(0, 10_000)),
                    "rate": draw(st.sampled_from([None, "on event", "6/h", "1/10 min"])),
                    "personal_data": draw(st.booleans()),
                    "protection": draw(
                        st.none() | st.fixed_dictionaries({"encryption": WORDS, "integrity": WORDS})
                    ),
                }
                for one in flows
            ],
        }
    )


def whole(architecture: ArchitectureFile) -> Blueprint:
    about = {"id": "x", "name": "X", "client": {"name": "X"}, "problem": {"statement": "X"}}
    return Blueprint(SolutionFile.model_validate(about), architecture)


def through_threagile(blueprint: Blueprint) -> Draft:
    text = yaml.safe_dump(to_threagile(blueprint, TODAY).model_dump(mode="json"))
    return from_threagile(ThreagileModel.model_validate(yaml.safe_load(text)))


def through_otm(blueprint: Blueprint) -> Draft:
    text = json.dumps(to_otm(blueprint, TODAY).model_dump(mode="json", by_alias=True))
    return from_otm(OtmModel.model_validate(json.loads(text)))


@settings(max_examples=40, deadline=None)
@given(architecture=architectures())
@pytest.mark.parametrize("way", [through_threagile, through_otm])
def test_an_architecture_comes_back_as_it_left(way: object, architecture: ArchitectureFile) -> None:
    assert callable(way)
    back: Draft = way(whole(architecture))
    before, after = architecture.model_dump(), back.architecture.model_dump()
    for part in ("zones", "components"):
        by_id = {one["id"]: one for one in after[part]}
        for one in before[part]:
            same = {key: by_id[one["id"]][key] for key in one if key != "internet"}
            assert same == {key: one[key] for key in same}
    flows = {one["id"]: one for one in after["flows"]}
    for one in before["flows"]:
        kept = {key: flows[one["id"]][key] for key in one if key != "payload"}
        assert kept == {key: one[key] for key in kept}


def test_a_threagile_model_becomes_files_that_check_takes(tmp_path: Path) -> None:
    file = tmp_path / "model.yaml"
    file.write_text(THREAGILE, encoding="utf-8")
    brought = bring_in(file, "threagile", tmp_path / "shop")
    assert {path.name for path in brought.written} == {
        "architecture.yaml",
        "security.yaml",
        "solution.yaml",
    }
    solution = load(tmp_path / "shop")
    shop = solution.architecture.components[0]
    assert (shop.id, shop.zone, shop.layer, shop.internet) == (
        "web-shop",
        "dmz",
        "application",
        True,
    )
    (flow,) = solution.architecture.flows
    assert (flow.protocol, flow.protection and flow.protection.encryption) == ("SQL", "TLS")
    assert [one.id for one in solution.about.existing_systems] == ["bank"]
    (own,) = solution.blueprint.security.threats
    assert (own.id, own.gravity, own.likelihood, own.elements) == (
        "cheap-guess",
        3,
        4,
        ["web-shop"],
    )
    assert solution.blueprint.security.stakes[0].secrecy == 4
    said = " ".join(str(one) for one in brought.left)
    assert "sql-nosql-injection@web-shop" in said
    assert "web shop → web-shop" in said


def test_an_open_threat_model_becomes_files_that_check_takes(tmp_path: Path) -> None:
    file = tmp_path / "model.json"
    file.write_text(json.dumps(OTM), encoding="utf-8")
    brought = bring_in(file, "otm", tmp_path / "shop")
    solution = load(tmp_path / "shop")
    assert {one.zone for one in solution.architecture.components} == {"f0-b"}, "through its parent"
    assert solution.architecture.zones[0].exposure is Exposure.PUBLIC
    (own,) = solution.blueprint.security.threats
    assert (own.gravity, own.likelihood, own.stride) == (4, 3, ["I"])
    (control,) = solution.blueprint.security.controls
    assert (control.status, control.treats) == ("done", ["t1@c2"])
    said = " ".join(str(one) for one in brought.left)
    assert "Write the protocol of these flows; OTM does not say it: d1." in said


def test_nothing_that_is_there_is_overwritten(tmp_path: Path) -> None:
    folder = write_fortress(tmp_path / "pump")
    file = tmp_path / "model.yaml"
    file.write_text(THREAGILE, encoding="utf-8")
    brought = bring_in(file, "threagile", folder)
    assert {path.name for path in brought.written} == {
        "architecture.from-threagile.yaml",
        "security.from-threagile.yaml",
    }
    assert (folder / "security.yaml").read_text(encoding="utf-8") == SECURITY
    assert "existing_systems of solution.yaml: bank" in " ".join(str(one) for one in brought.left)
    with pytest.raises(UsageError, match="exists; name a new file"):
        bring_in(file, "threagile", folder)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: [", "neither YAML nor JSON"),
        ("technical_assets: {A: {}}", "technical_assets.A.id: Field required"),
        ("[1, 2]", "is no threagile model"),
    ],
)
def test_what_is_no_model_is_refused_with_the_reason(
    tmp_path: Path, text: str, expected: str
) -> None:
    file = tmp_path / "model.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=expected):
        bring_in(file, "threagile", tmp_path / "shop")
    assert not (tmp_path / "shop").exists()


@pytest.mark.parametrize("form", ["threagile", "otm"])
def test_what_was_decided_goes_along(tmp_path: Path, form: str) -> None:
    text, _notes = give_out(write_fortress(tmp_path), form, None, TODAY)
    model = yaml.safe_load(text)
    if form == "threagile":
        tracked = model["risk_tracking"]
        assert tracked["radio-jammed@up"]["status"] == "accepted"
        assert tracked["device-stolen@valve"]["status"] == "mitigated"
    else:
        (valve,) = [one for one in model["components"] if one["id"] == "valve"]
        states = {one["threat"]: one for one in valve["threats"]}
        stolen = states["device-stolen@valve"]
        assert stolen["state"] == "mitigated"
        assert stolen["mitigations"] == [{"mitigation": "C-KEYS", "state": "implemented"}]


def test_aliases_do_not_multiply_what_is_little(tmp_path: Path) -> None:
    tags = ", ".join(["t"] * 1_000)
    assets = "\n".join(f"  A{n}: {{id: a{n}, tags: *tags}}" for n in range(1_000))
    model = tmp_path / "bomb.yaml"
    model.write_text(f"title: Bomb\nx: &tags [{tags}]\ntechnical_assets:\n{assets}\n", "utf-8")
    with pytest.raises(UsageError) as refused:
        bring_in(model, "threagile", tmp_path / "into")
    assert "far too long" in str(refused.value.text)
    assert not (tmp_path / "into").exists()
