"""What `jalon check` says of an architecture: weaknesses at their place, of a sound one nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from jalon.app.solution import check
from jalon.vocab.finding import Finding, Severity

EXAMPLES = Path(__file__).parents[3] / "examples"

SOLUTION = """
id: office
name: Office
client: {name: Somebody}
problem: {statement: The air is stale.}
requirements:
  - {id: R1, kind: functional, priority: must, statement: The system records the air every hour.}
existing_systems:
  - id: bms
    name: Heating control
    protocols: [Modbus TCP]
    access: read
    until: 2099-12-31
"""
ARCHITECTURE = """
zones:
  - {id: rooms, name: Rooms, exposure: shared}
  - {id: server, name: Server, exposure: private}
components:
  - {id: sensors, name: Sensors, layer: perception, zone: rooms, kind: sensor,
     things: [air], count: 2}
  - {id: broker, name: Broker, layer: network, zone: server, kind: broker,
     technology: MQTT 3.1.1 of NATS, redundant: true, count: 2}
  - {id: jalon, name: Jalon, layer: processing, zone: server, kind: service,
     failure_accepted: Restarted the same day.}
  - {id: pages, name: Pages, layer: application, zone: server, kind: pages}
  - {id: accounts, name: Accounts, layer: security, zone: server, kind: identity store}
flows:
  - id: F-up
    from: sensors
    to: broker
    protocol: MQTT
    payload: Air
    format: JSON
    size: 90
    rate: 6/h
    protection: {encryption: TLS 1.3, authentication: password of the device, integrity: TLS}
  - id: F-in
    from: broker
    to: jalon
    protocol: NATS
    payload: Air
    format: JSON
    size: 90
    rate: on event
    protection: {encryption: TLS 1.3, authentication: token, integrity: TLS}
  - {id: F-show, from: jalon, to: pages, protocol: in process, payload: Charts, rate: on event}
  - {id: F-who, from: accounts, to: pages, protocol: in process, payload: Accounts, rate: on event}
systems:
  - {id: bms, zone: server, unused: Later.}
"""
THING = """
"@context": [https://www.w3.org/2022/wot/td/v1.1]
"@type": tm:ThingModel
title: Air
jalon:period: 600
properties:
  co2: {type: number, unit: "[ppm]", readOnly: true}
"""
SITES = "sites:\n  - {id: main, name: Main, zone: Europe/Paris}\n"
DEVICES = "id,name,thing,site\none,One,air,main\ntwo,Two,air,main\n"


def made(folder: Path, architecture: str = ARCHITECTURE, **files: str) -> Path:
    """A folder of these files; keys are names without ending."""
    everything = {
        "solution.yaml": files.get("solution", SOLUTION),
        "architecture.yaml": architecture,
        "things/air.tm.yaml": files.get("thing", THING),
        "fleet/sites.yaml": SITES,
        "fleet/devices.csv": files.get("devices", DEVICES),
    }
    if "privacy" in files:
        everything["privacy.yaml"] = files["privacy"]
    for name, text in everything.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.lstrip("\n"), "utf-8")
    return folder


def about(folder: Path) -> list[Finding]:
    """What is said of the architecture."""
    return [one for one in check(folder) if one.rule.startswith("architecture.")]


def line(folder: Path, finding: Finding) -> str:
    """The line of the file that it points to, from its column on."""
    lines = (folder / finding.place.file).read_text("utf-8").splitlines()
    return lines[finding.place.line - 1][finding.place.column - 1 :]


def changed(*pairs: tuple[str, str]) -> str:
    """The sound architecture with some words replaced; each must be there once."""
    text = ARCHITECTURE
    for old, new in pairs:
        assert text.count(old) == 1, (old, text.count(old))
        text = text.replace(old, new)
    return text


def test_a_sound_architecture_has_no_remark(tmp_path: Path) -> None:
    assert about(made(tmp_path)) == []


@pytest.mark.parametrize("example", ["school-air", "cold-chain"])
def test_the_examples_are_sound(example: str) -> None:
    assert about(EXAMPLES / example) == []


GUARD = "{encryption: TLS 1.3, authentication: password of the device, integrity: TLS}"
WHO = (
    "  - {id: F-who, from: accounts, to: pages, protocol: in process,"
    " payload: Accounts, rate: on event}\n"
)
STORIES = [
    # (what is written otherwise, rule, severity, the place begins with, a word of the sentence)
    ((GUARD, "{encryption: none, authentication: password, integrity: none}"),
     "unguarded-crossing", "warning", "{encryption: none", "encryption, integrity"),
    ((f"    protection: {GUARD}\n", ""),
     "unsaid-protection", "warning", "id: F-up", "authentication"),
    ((GUARD, "{encryption: TLS 1.0, authentication: password, integrity: TLS}"),
     "weak-protection", "warning", "TLS 1.0", "TLS 1.0"),
    ((GUARD, "{encryption: WPA2, authentication: password, integrity: TLS}"),
     "unfit-protection", "warning", "WPA2", "MQTT"),
    ((GUARD, "{encryption: none (same machine), authentication: token, integrity: TLS}"),
     "not-same-machine", "warning", "{encryption", "F-up"),
    (("    protocol: MQTT\n", "    protocol: Carrier pigeon\n"),
     "unknown-protocol", "info", "Carrier pigeon", "pigeon"),
    (("    protocol: MQTT\n", "    protocol: MQTT 5\n"),
     "protocol-mismatch", "warning", "MQTT 5", "3.1.1"),
    (("    protocol: MQTT\n", "    protocol: LoRaWAN\n"),
     "protocol-mismatch", "warning", "air", "come in by mqtt"),
    (("    size: 90\n    rate: 6/h\n", ""),
     "incomplete-flow", "info", "F-up", "rate, size"),
    (("kind: sensor,", "kind: sensr,"),
     "unknown-kind", "info", "sensr", "sensr"),
    (("zone: rooms, kind", "kind"),
     "no-zone", "info", "sensors", "no zone"),
    ((WHO, ""),
     "no-flow", "warning", "accounts", "accounts"),
    (("redundant: true, count: 2", "redundant: true, count: 1"),
     "redundant-alone", "warning", "true", "broker"),
    ((",\n     failure_accepted: Restarted the same day.", ""),
     "single-point", "warning", "jalon", "2 of 2"),
    (("redundant: true, count: 2", "count: 1"),
     "single-point", "warning", "broker", "2 of 2"),
    (("things: [air], count: 2", "things: [air], count: 3"),
     "count-differs", "info", "3", "2 devices"),
    (("     things: [air], count: 2", "     count: 2"),
     "thing-nowhere", "warning", "components", "“air”"),
    (("from: jalon, to: pages, protocol", "from: pages, to: jalon, protocol"),
     "no-road", "warning", "sensors", "no application"),
    (("  - {id: bms, zone: server, unused: Later.}\n", "  - {id: bms, zone: server}\n"),
     "unused-system", "info", "flows", "bms"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "rule", "severity", "place", "word"),
    STORIES,
    ids=[f"{story[1]}-{number}" for number, story in enumerate(STORIES)],
)
def test_a_weakness_is_told_at_its_place(
    tmp_path: Path, change: tuple[str, str], rule: str, severity: str, place: str, word: str
) -> None:
    folder = made(tmp_path, changed(change))
    found = [one for one in about(folder) if one.rule == f"architecture.{rule}"]
    assert found, about(folder)
    assert found[0].place.file == "architecture.yaml"
    assert found[0].severity is Severity(severity)
    assert line(folder, found[0]).startswith(place), line(folder, found[0])
    assert word in str(found[0].text)


WRITING = """  - id: F-heat
    from: jalon
    to: bms
    protocol: Modbus TCP
    payload: A set-point
    format: binary
    size: 8
    rate: 6/h
    protection: {encryption: VPN, authentication: key, integrity: VPN}
"""


def test_an_existing_system_that_may_only_be_read_is_not_written_to(tmp_path: Path) -> None:
    text = changed(("systems:\n", f"{WRITING}systems:\n"), (", unused: Later.", ""))
    [found] = about(made(tmp_path, text))
    assert found.rule == "architecture.legacy-access"
    assert line(tmp_path, found).startswith("bms")
    # The contract is over: it may be written to.
    assert about(made(tmp_path, text, solution=SOLUTION.replace("2099", "2020"))) == []


def test_an_existing_system_is_not_spoken_to_more_often_than_it_bears(tmp_path: Path) -> None:
    reading = WRITING.replace("from: jalon", "from: bms").replace("to: bms", "to: jalon")
    text = changed(("systems:\n", f"{reading}systems:\n"), ("unused: Later.", "max_rate: 1/d"))
    [found] = about(made(tmp_path, text))
    assert found.rule == "architecture.legacy-rate"
    assert line(tmp_path, found).startswith("6/h")


def test_an_existing_system_is_spoken_to_in_its_own_protocols(tmp_path: Path) -> None:
    reading = WRITING.replace("from: jalon", "from: bms").replace("to: bms", "to: jalon")
    text = changed(
        ("systems:\n", f"{reading.replace('Modbus TCP', 'OPC UA')}systems:\n"),
        (", unused: Later.", ""),
    )
    [found] = about(made(tmp_path, text))
    assert found.rule == "architecture.protocol-mismatch"
    assert line(tmp_path, found).startswith("OPC UA")


def test_constraints_of_an_existing_system_ask_for_an_answer(tmp_path: Path) -> None:
    reading = WRITING.replace("from: jalon", "from: bms").replace("to: bms", "to: jalon")
    solution = SOLUTION + "    constraints: [Nobody touches it before noon.]\n"
    text = changed(("systems:\n", f"{reading}systems:\n"), (", unused: Later.", ""))
    [found] = about(made(tmp_path, text, solution=solution))
    assert (found.rule, found.severity) == ("architecture.legacy-unanswered", Severity.INFO)
    text = text.replace(
        "{id: bms, zone: server}", "{id: bms, zone: server, description: Read at 3.}"
    )
    assert about(made(tmp_path, text, solution=solution)) == []


def test_an_exception_that_is_written_out_is_a_decision(tmp_path: Path) -> None:
    bare = "{encryption: none, authentication: password, integrity: none}"
    text = changed((GUARD, f"{bare}\n    exception: A wire of two metres."))
    assert about(made(tmp_path, text)) == []


def test_a_device_that_takes_commands_is_reached_by_them(tmp_path: Path) -> None:
    acting = THING + "actions:\n  blink: {title: Blink}\n"
    [found] = about(made(tmp_path, thing=acting))
    assert found.rule == "architecture.no-command-road"
    assert line(tmp_path, found).startswith("sensors")
    both = changed(("    to: broker\n", "    to: broker\n    direction: both\n"),
                   ("    to: jalon\n", "    to: jalon\n    direction: both\n"))  # fmt: skip
    assert about(made(tmp_path, both, thing=acting)) == []


def test_what_skips_processing_needs_a_reason(tmp_path: Path) -> None:
    jump = f"""  - id: F-jump
    from: broker
    to: pages
    protocol: MQTT
    payload: Air
    format: JSON
    size: 90
    rate: on event
    protection: {GUARD}
"""
    text = changed(("systems:\n", f"{jump}systems:\n"))
    [found] = about(made(tmp_path, text))
    assert found.rule == "architecture.layer-jump"
    assert line(tmp_path, found).startswith("pages")


def test_machines_fail_as_a_whole(tmp_path: Path) -> None:
    text = changed(
        ("redundant: true, count: 2", "host: box"),
        (
            "kind: service,\n     failure_accepted: Restarted the same day.",
            "kind: service, host: box",
        ),
    )
    [found] = about(made(tmp_path, text))
    assert found.rule == "architecture.single-point"
    assert str(found.text) == "2 of 2 devices are cut off when “box” fails (broker, jalon)."
    # Accepted for one of them is accepted for the machine.
    accepted = text.replace(
        "kind: service, host: box", "kind: service, host: box, failure_accepted: So be it."
    )
    assert about(made(tmp_path, accepted)) == []


def test_data_that_privacy_does_not_know_is_an_error(tmp_path: Path) -> None:
    said = "    format: JSON\n    size: 90\n    rate: 6/h\n"
    text = changed((said, f"    data: [aire]\n{said}"))
    privacy = "data:\n  - {id: air, name: Air}\n"
    [found] = about(made(tmp_path, text, privacy=privacy))
    assert (found.rule, found.severity) == ("architecture.unknown-data", Severity.ERROR)
    assert line(tmp_path, found).startswith("aire")
    assert "air" in str(found.hint)


def test_references_between_flows_and_systems_lead_somewhere(tmp_path: Path) -> None:
    text = changed(
        ("    rate: 6/h\n", "    rate: 6/h\n    passes_on: [F-none]\n"),
        ("kind: broker,", "kind: broker, part_of: nothing,"),
        ("{id: bms, zone: server,", "{id: bms, zone: nowhere,"),
    )
    found = about(made(tmp_path, text))
    assert {(one.rule, line(tmp_path, one).split(",")[0].rstrip("]")) for one in found} == {
        ("architecture.unknown-flow", "F-none"),
        ("architecture.unknown-system", "nothing"),
        ("architecture.unknown-zone", "nowhere"),
    }
    assert {one.severity for one in found} == {Severity.ERROR}
