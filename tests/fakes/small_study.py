"""A small solution with a sound risk study, as a folder whose files tests can spoil."""

# ruff: noqa: E501 - an entry a line is easier to read, and to spoil
from __future__ import annotations

from pathlib import Path

from jalon.app.solution import check

SOLUTION = """
id: barn
name: Barn
client: {name: A farm}
problem: {statement: Nobody hears the fire.}
personas:
  - {id: ann, name: Ann, role: Farmer}
stakeholders:
  - {id: neighbours, name: Neighbours, influence: low}
objectives:
  - {id: O1, statement: Hear the fire in time., personas: [ann]}
requirements:
  - id: R1
    kind: functional
    priority: must
    statement: The system rings within one minute of smoke.
    objectives: [O1]
    components: [smoke, server]
existing_systems:
  - {id: brigade, name: Fire brigade}
"""
ARCHITECTURE = """
zones:
  - {id: yard, name: Yard, exposure: public}
  - {id: office, name: Office, exposure: private}
components:
  - {id: smoke, name: Smoke sensors, layer: perception, zone: yard, kind: sensor}
  - {id: gate, name: Gateway, layer: network, zone: office, kind: gateway}
  - {id: server, name: Server, layer: processing, zone: office, kind: service, hosted_by: Host Ltd}
  - {id: page, name: Page, layer: application, zone: office, kind: pages}
  - {id: keys, name: Keys, layer: security, zone: office, kind: identity store}
flows:
  - {id: F1, from: smoke, to: gate, protocol: LoRaWAN}
  - {id: F2, from: gate, to: server, protocol: MQTT}
  - {id: F3, from: server, to: page, protocol: HTTPS, personal_data: true}
  - {id: F4, from: keys, to: server, protocol: in process}
"""
SECURITY = """
controls:
  - id: seal
    name: Sealed cases
    status: done
    owner: farmer
    due: 2026-06-01
    cost: 120
    tests: [T1]
  - id: second
    name: Second gateway
    status: planned
    owner: farmer
    due: 2026-03-01
    cost: 300.50
    tests: [T2]
"""
CASES = """
cases:
  - {id: T1, name: The seal holds, kind: security, level: system}
  - {id: T2, name: One gateway is enough, kind: robustness, level: system}
"""
STUDY = """
business_values:
  - {id: O1, needs: {availability: 4, integrity: 2, confidentiality: 1, traceability: 1}}
  - {id: measurements, needs: {availability: 2, integrity: 2, confidentiality: 1, traceability: 1}}
  - {id: personal-data, needs: {availability: 1, integrity: 1, confidentiality: 1, traceability: 1}}
supporting_assets:
  - {id: keys, leave_out: Only the farmer holds them}
  - {id: page, leave_out: Shows only what the server has}
pairs:
  - {id: P1, origin: avenger, aim: disruption, motivation: 4, resources: 2, retained: true, reason: A quarrel}
  - {id: P2, origin: amateur, aim: challenge, motivation: 3, resources: 1, retained: true, reason: Bored}
  - {id: P3, origin: state, aim: espionage, motivation: 1, resources: 4, retained: false, reason: No}
  - {id: P4, origin: burglar, aim: profit, motivation: 2, resources: 2, activity: 4, retained: true, reason: Seen}
stakeholders:
  - {id: host-host-ltd, dependence: 4, penetration: 4, maturity: 2, trust: 2, measures: [second]}
strategic_scenarios:
  - {id: S1, name: The alarm is silenced, pair: P1, feared_event: O1-availability, path: [smoke, gate]}
  - {id: S2, name: A prank, pair: P2, feared_event: O1-integrity, path: [smoke]}
  - {id: S3, name: A quiet burglary, pair: P4, feared_event: O1-availability, path: [host-host-ltd, server]}
operational_scenarios:
  - id: OP1
    strategic: S1
    name: By the gateway
    actions:
      - {id: A1, phase: enter, asset: smoke, likelihood: 4, controls: [seal], name: Open a case}
      - {id: A2, phase: exploit, asset: gate, likelihood: 3, after: [A1], name: Unplug the gateway}
  - id: OP2
    strategic: S2
    name: By hand
    actions:
      - {id: A1, phase: exploit, asset: smoke, likelihood: 1, name: Blow smoke}
  - id: OP3
    strategic: S3
    name: By the host
    actions:
      - {id: A1, phase: exploit, asset: server, likelihood: 1, name: Ask the host nicely}
treatments:
  - {id: T-S1, risk: S1, strategy: reduce, measures: [second], accepted_by: Ann, accepted_on: 2026-05-01}
  - {id: T-S3, risk: S3, strategy: accept, reason: Rare, accepted_by: Ann, accepted_on: 2026-05-01}
"""


def write_study(folder: Path, **files: str) -> Path:
    """The folder with the files above; those named by keyword have another content. `results` is
    that of the cases."""
    contents = {
        "solution": SOLUTION,
        "architecture": ARCHITECTURE,
        "security": SECURITY,
        "ebios": STUDY,
        "tests/barn": CASES,
    }
    contents["tests/results/by-hand"] = files.pop("results", "results: []\n")
    for name, content in (contents | files).items():
        path = folder / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content.lstrip("\n"), "utf-8")
    return folder


def told(folder: Path) -> list[tuple[str, str]]:
    """The rules of the study that speak, each with the line of ebios.yaml it speaks of."""
    lines = (folder / "ebios.yaml").read_text("utf-8").splitlines()
    return [
        (one.rule, lines[one.place.line - 1].strip() if one.place.line else one.place.file)
        for one in check(folder)
        if one.rule.startswith("ebios.")
    ]
