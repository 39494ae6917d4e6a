"""A small solution with threats and what guards against them, as files that tests can spoil."""

# ruff: noqa: E501 - an entry a line is easier to read, and to spoil
from __future__ import annotations

from datetime import date
from pathlib import Path

from jalon.app.solution import check, load
from jalon.design.blueprint import Blueprint
from jalon.design.threats.report import all_threats
from jalon.design.threats.threat import Threat

TODAY = date(2026, 11, 23)
SOLUTION = """\
id: pump
name: Pump
client: {name: A farm}
problem: {statement: The well runs dry.}
objectives:
  - {id: O1, statement: Water every day.}
requirements:
  - {id: R1, kind: functional, priority: must, statement: The system pumps at most one hour a day., objectives: [O1], components: [server]}
existing_systems:
  - {id: weather, name: Weather service}
"""
ARCHITECTURE = """\
zones:
  - {id: field, name: Field, exposure: public}
  - {id: office, name: Office, exposure: private}
components:
  - {id: valve, name: Valve, layer: perception, zone: field, kind: sensor and actuator, technology: LoRaWAN on battery, count: 3, updates: never}
  - {id: gate, name: Gateway, layer: network, zone: office, kind: gateway, updates: remote}
  - {id: broker, name: Broker, layer: network, zone: office, kind: broker}
  - {id: server, name: Server, layer: processing, zone: office, kind: service, technology: DuckDB}
  - {id: page, name: Page, layer: application, zone: office, kind: pages}
  - {id: keys, name: Keys, layer: security, zone: office, kind: identity store}
flows:
  - {id: up, from: valve, to: gate, protocol: LoRaWAN, protection: {encryption: AES-128 (AppSKey), authentication: OTAA keys, integrity: MIC}}
  - {id: down, from: gate, to: valve, protocol: LoRaWAN, protection: {encryption: AES-128 (AppSKey), authentication: OTAA keys, integrity: MIC}}
  - {id: wire, from: gate, to: broker, protocol: MQTT, protection: {encryption: none, authentication: password of the gateway, integrity: none}}
  - {id: rain, from: weather, to: server, protocol: HTTPS, personal_data: true}
"""
SECURITY = """\
controls:
  - id: C-KEYS
    name: One key each
    status: done
    treats: [device-stolen, "@broker"]
    tests: [T-KEYS]
    provisions: ["etsi-en-303-645:5.1-1"]
accepted:
  - {id: A1, threat: radio-jammed@up, reason: It rains then., by: Farmer, on: 2026-01-02, until: 2027-01-02}
"""
CASES = """\
cases:
  - {id: T-KEYS, name: No key twice, kind: security, level: system}
"""
PASSED = "results:\n  - {case: T-KEYS, verdict: passed, on: 2026-02-03}\n"
FAILED = PASSED + "  - {case: T-KEYS, verdict: failed, on: 2026-03-04}\n"


def write_fortress(folder: Path, **files: str) -> Path:
    """The folder; `files` replace `solution`, `architecture`, `security`, `cases`, `results`."""
    texts = {
        "solution.yaml": files.get("solution", SOLUTION),
        "architecture.yaml": files.get("architecture", ARCHITECTURE),
        "security.yaml": files.get("security", SECURITY),
        "tests/plan.yaml": files.get("cases", CASES),
        "tests/results/by-hand.yaml": files.get("results", PASSED),
    }
    (folder / "tests" / "results").mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def blueprint(folder: Path, **files: str) -> Blueprint:
    """What the folder says."""
    return load(write_fortress(folder, **files)).blueprint


def threat(folder: Path, key: str, **files: str) -> Threat:
    """The threat of that key."""
    return all_threats(blueprint(folder, **files))[key]


def told(folder: Path, **files: str) -> list[str]:
    """What `jalon check` says of threats: rule, place, sentence."""
    return [
        f"{one.rule} {one.place} {one.text}"
        for one in check(write_fortress(folder, **files))
        if one.rule.startswith("threats.")
    ]
