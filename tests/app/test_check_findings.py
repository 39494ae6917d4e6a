"""Every way a folder can be wrong: the finding, its exact place, and what is said to the person."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

import pytest

from jalon.app.solution import check, load
from jalon.vocab.errors import SolutionError, UsageError
from jalon.vocab.finding import Finding, Severity

SOLUTION = """\
id: demo
name: {fr: Essai, en: Trial}
client:
  name: Somebody
problem:
  statement: Something is wrong.
personas:
  - {id: nadia, name: Nadia, role: Teacher}
objectives:
  - {id: O1, statement: Better air., personas: [nadia]}
requirements:
  - id: R1
    kind: performance
    priority: must
    statement: Alarms are quick.
    objectives: [O1]
    measure: alarm.latency p95 < 2 s
existing_systems:
  - {id: erp, name: ERP}
"""
ARCHITECTURE = """\
zones:
  - {id: rooms, name: Rooms, exposure: shared}
components:
  - {id: sensors, name: Sensors, layer: perception, zone: rooms, things: [sensor]}
  - {id: broker, name: Broker, layer: network}
  - {id: jalon, name: Jalon, layer: processing}
  - {id: pages, name: Pages, layer: application}
  - {id: keys, name: Keys, layer: security}
flows:
  - {id: F1, from: sensors, to: broker, protocol: MQTT, rate: 1/10 min}
  - {id: F2, from: erp, to: jalon, protocol: HTTPS}
decisions:
  - {id: D1, layer: network, choice: MQTT, reason: Simple., requirements: [R1]}
"""
THING = """\
"@context": https://www.w3.org/2022/wot/td/v1.1
"@type": tm:ThingModel
title: Sensor
jalon:period: 600
properties:
  temperature:
    type: number
    unit: Cel
    minimum: -20
    maximum: 60
    jalon:signal: {kind: cold, setpoint: 3}
actions:
  setSetpoint:
    input: {type: number, unit: Cel}
"""
SITES = """\
sites:
  - id: main
    name: Main
    zone: Europe/Paris
    latitude: 47.4
    longitude: -0.5
    rooms:
      - {id: hall, name: Hall}
"""
DEVICES = """\
id,name,thing,site,room,dev_eui,latitude,tags
d1,One,sensor,main,hall,02-00-A1-4C-00-00-00-01,,a b
d2,Two,sensor,main,,,,
"""
LINKS = "links:\n  - {id: plant, kind: modbus-tcp, host: 127.0.0.1}\n"
LINKED = "id,name,thing,site,link,address,dev_eui\nd1,One,sensor,main,plant,1,\n"
UNREADABLE = "links.yaml:2:5 links.unusable: d1 has no property with a Modbus form (`modv:entity`)."
FILES = {
    "solution.yaml": SOLUTION,
    "architecture.yaml": ARCHITECTURE,
    "things/sensor.tm.yaml": THING,
    "fleet/sites.yaml": SITES,
    "fleet/devices.csv": DEVICES,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small solution without a fault."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def told(findings: list[Finding]) -> list[str]:
    """Place, rule, sentence and hint, on one line each."""
    return [
        f"{finding.place} {finding.rule}: {finding.text}"
        + (f" → {finding.hint}" if finding.hint else "")
        for finding in findings
    ]


def test_a_folder_without_fault_has_nothing_to_say(folder: Path) -> None:
    assert told(check(folder, design=False)) == []

    solution = load(folder)

    device = solution.device("d1")
    assert device is not None
    assert device.dev_eui == "0200a14c00000001"
    assert device.tags == ["a", "b"]
    room = solution.room(device)
    assert room is not None
    assert room.name == "Hall"
    assert solution.about.name.in_language("fr") == "Essai"
    assert solution.about.problem.statement.in_language("fr") == "Something is wrong."


SOLUTION_STORIES = {
    "misspelt key": (
        ("    priority: must", "    priorty: must"),
        [
            "solution.yaml:12:5 model.missing-key: The key “priority” is missing.",
            "solution.yaml:14:5 model.unknown-key: “priorty” is not a known key here."
            " → Did you mean “priority”?",
        ],
    ),
    "strange key": (
        ("id: demo", "id: demo\nzzz: 1"),
        [
            "solution.yaml:2:1 model.unknown-key: “zzz” is not a known key here. → Known are: id,"
            " name, client, problem, context, personas, stakeholders, use_cases, objectives,"
            " requirements, subjects, existing_systems."
        ],
    ),
    "comma between braces": (
        ("{fr: Essai, en: Trial}", "{fr: Essai, en: Trial, or so}"),
        [
            "solution.yaml:2:30 model.unknown-key: “or so” is not a known key here."
            " → Between braces, a text that contains a comma needs quotes."
        ],
    ),
    "missing key": (
        ("  name: Somebody", "  sector: Town"),
        ["solution.yaml:3:1 model.missing-key: The key “name” is missing."],
    ),
    "several keys missing": (
        ("    kind: performance\n    priority: must\n", ""),
        [
            "solution.yaml:12:5 model.missing-key: The key “kind” is missing.",
            "solution.yaml:12:5 model.missing-key: The key “priority” is missing.",
        ],
    ),
    "nothing where something must be": (
        ("  statement: Something is wrong.", "  statement:"),
        [
            "solution.yaml:6:13 model.value: A text is expected here, or one for each language"
            " (fr, en)."
        ],
    ),
    "a text in no language": (
        ("{fr: Essai, en: Trial}", "{}"),
        [
            "solution.yaml:2:7 model.value: A text is expected here, or one for each language"
            " (fr, en)."
        ],
    ),
    "a text where keys are expected": (
        ("client:\n  name: Somebody", "client: Somebody"),
        ["solution.yaml:3:9 model.type: Keys with values are expected here."],
    ),
    "wrong word": (
        ("kind: performance", "kind: performence"),
        [
            "solution.yaml:13:11 model.choice: “performence” is not one of the known words."
            " → Did you mean “performance”?"
        ],
    ),
    "a number for a text": (
        ("  name: Somebody", "  name: 42"),
        [
            "solution.yaml:4:9 model.type: A text is expected here."
            " → Put it in quotes to make it a text."
        ],
    ),
    "a text for a list": (
        ("objectives: [O1]", "objectives: O1"),
        ["solution.yaml:16:17 model.type: A list is expected here."],
    ),
    "an id with a space": (
        ("id: demo", "id: my demo"),
        [
            "solution.yaml:1:5 model.pattern: An id is made of letters without accents, digits,"
            " “-” and “_”, 64 at most."
        ],
    ),
    "a measure with a fault": (
        ("measure: alarm.latency p95 < 2 s", "measure: alarm.latency p97 < 2 s"),
        [
            "solution.yaml:17:28 model.value: “p97” is no statistic; known are mean, median, min,"
            " max, sum, p5, p10, p90, p95, p99, p99.9."
        ],
    ),
    "the same in quotes": (
        ("measure: alarm.latency p95 < 2 s", 'measure: "alarm.latency p95 < x"'),
        [
            "solution.yaml:17:35 model.value: A number is expected here, with a point for decimals."
        ],
    ),
    "a measure that is no text": (
        ("measure: alarm.latency p95 < 2 s", "measure: 12"),
        [
            "solution.yaml:17:14 model.value: A measure is a text, such as"
            " “alarm.latency p95 < 2 s”."
        ],
    ),
    "a measure with a strange unit": (
        ("p95 < 2 s", "p95 < 2 secnds"),
        [
            "solution.yaml:17:36 solution.unknown-unit: “secnds” is not a known unit."
            " → Did you mean “seconds”?"
        ],
    ),
    "an objective that is not there": (
        ("objectives: [O1]", "objectives: [O1, O2]"),
        [
            "solution.yaml:16:22 solution.unknown-objective: There is no objective “O2”."
            " → Known are: O1."
        ],
    ),
    "a persona that is not there": (
        ("personas: [nadia]", "personas: [nadja]"),
        [
            "solution.yaml:10:49 solution.unknown-persona: There is no persona “nadja”."
            " → Did you mean “nadia”?"
        ],
    ),
    "a component that is not there": (
        ("    objectives: [O1]", "    components: [paegs]"),
        [
            "solution.yaml:16:18 solution.unknown-component: There is no component “paegs” in"
            " architecture.yaml. → Did you mean “pages”?"
        ],
    ),
    "an id given twice": (
        ("personas:\n", "personas:\n  - {id: nadia, name: N, role: R}\n"),
        ["solution.yaml:9:10 solution.duplicate-id: “nadia” is already the id of entry 1."],
    ),
    "a key given twice": (
        ("client:", "id: again\nclient:"),
        [
            "solution.yaml:3:1 file.duplicate-key: “id” is given twice; the first time on line 1."
            " → Keep one of the two."
        ],
    ),
    "a tab": (
        ("  name: Somebody", "\tname: Somebody"),
        ["solution.yaml:4:1 file.yaml: A value cannot begin with this character. → Put the text in"
         " quotes; use spaces, not tabs, to indent."],
    ),
    "a list not closed": (
        ("objectives: [O1]", "objectives: [O1"),
        ["solution.yaml:17:12 file.yaml: A list “[…]” is not closed, or a comma is missing."],
    ),
    "a colon in a text": (
        ("  statement: Something is wrong.", "  statement: Wrong: air"),
        [
            "solution.yaml:6:19 file.yaml: A “:” stands where no key can be. → Put a text that"
            " contains “: ” in quotes, and check the indentation."
        ],
    ),
    "a program in disguise": (
        ("  name: Somebody", "  name: !!python/name:os.system x"),
        [
            "solution.yaml:4:9 file.yaml: Tags such as “tag:yaml.org,2002:python/name:os.system”"
            " are not used in these files."
        ],
    ),
    "two documents": (
        ("client:", "---\nclient:"),
        [
            "solution.yaml:3:1 file.yaml: A second document begins here (“---”)."
            " → Keep one document in a file."
        ],
    ),
    "an alias to nothing": (
        ("  name: Somebody", "  name: *who"),
        ["solution.yaml:4:9 file.yaml: This alias (“*name”) has no anchor (“&name”) before it."],
    ),
}  # fmt: skip
ARCHITECTURE_STORIES = {
    "a flow that ends nowhere": (
        ("to: broker", "to: borker"),
        [
            "architecture.yaml:10:33 architecture.unknown-end: There is no component “borker”, and"
            " no existing system of that id. → Did you mean “broker”?"
        ],
    ),
    "a flow that begins nowhere": (
        ("from: erp", "from: sap"),
        [
            "architecture.yaml:11:20 architecture.unknown-end: There is no component “sap”, and no"
            " existing system of that id. → Known are: sensors, broker, jalon, pages, keys, erp."
        ],
    ),
    "a zone that is not there": (
        ("zone: rooms", "zone: room"),
        [
            "architecture.yaml:4:59 architecture.unknown-zone: There is no zone “room”."
            " → Did you mean “rooms”?"
        ],
    ),
    "a thing that is not there": (
        ("things: [sensor]", "things: [sensors]"),
        [
            "architecture.yaml:4:75 architecture.unknown-thing: There is no Thing Model “sensors”"
            " in things/. → Did you mean “sensor”?"
        ],
    ),
    "a requirement that is not there": (
        ("requirements: [R1]", "requirements: [X]"),
        [
            "architecture.yaml:13:76 architecture.unknown-requirement: There is no requirement “X”"
            " in solution.yaml. → Known are: R1."
        ],
    ),
    "a layer forgotten": (
        ("  - {id: keys, name: Keys, layer: security}\n", ""),
        [
            "architecture.yaml:3:1 architecture.missing-layer: No component is in the layer"
            " “security”."
        ],
    ),
    "a rate in words": (
        ("rate: 1/10 min", "rate: often"),
        [
            "architecture.yaml:10:63 model.pattern: A rate is written as “6/h”, “1/10 min” or"
            " “on event”."
        ],
    ),
    "an id given twice": (
        ("id: F2", "id: F1"),
        ["architecture.yaml:11:10 architecture.duplicate-id: “F1” is already the id of entry 1."],
    ),
}  # fmt: skip
THING_STORIES = {
    "a path in a form, where nobody looks for it": (
        ("    unit: Cel", "    forms: [{href: air, jalon:path: a.t}]"),
        [
            "things/sensor.tm.yaml:8:25 things.form-word: Nothing reads “jalon:path” in a form."
            " → It belongs to the property itself, beside its type."
        ],
    ),
    "a word of a form that is misspelt": (
        ("    unit: Cel", "    forms: [{href: air, jalon:bits: 1}]"),
        [
            "things/sensor.tm.yaml:8:25 things.form-word: Nothing reads “jalon:bits” in a form."
            " → Did you mean “jalon:bit”?"
        ],
    ),
    "a word for true and none for false": (
        ("    unit: Cel", "    forms: [{href: air, jalon:true: auf}]"),
        [
            "things/sensor.tm.yaml:8:25 things.form-word: “jalon:true” needs “jalon:false” beside"
            " it."
        ],
    ),
    "a unit that is not in the catalogue": (
        ("    unit: Cel", "    unit: Celcius"),
        [
            "things/sensor.tm.yaml:8:11 things.unknown-unit: “Celcius” is not a known unit."
            " → Did you mean “Celsius”?"
        ],
    ),
    "the same in an action": (
        ("{type: number, unit: Cel}", "{type: number, unit: Celc}"),
        [
            "things/sensor.tm.yaml:14:33 things.unknown-unit: “Celc” is not a known unit."
            " → Did you mean “Cel”?"
        ],
    ),
    "a unit of a text": (
        ("{type: number, unit: Cel}", "{type: string, unit: Cel}"),
        [
            "things/sensor.tm.yaml:14:33 things.unit-without-number: Only numbers have a unit; this"
            " is “string”."
        ],
    ),
    "bounds the wrong way round": (
        ("minimum: -20", "minimum: 80"),
        [
            "things/sensor.tm.yaml:9:14 things.range: The minimum 80.0 is above the maximum 60.0."
        ],
    ),
    "a type that is none": (
        ("    type: number", "    type: float"),
        [
            "things/sensor.tm.yaml:7:11 model.choice: “float” is not one of the known words."
            " → Known are: number, integer, boolean, string, object."
        ],
    ),
    "another @type": (
        ("tm:ThingModel", "Thing"),
        [
            "things/sensor.tm.yaml:2:10 model.choice: “Thing” is not one of the known words."
            " → Known are: tm:ThingModel."
        ],
    ),
    "a period of zero": (
        ("jalon:period: 600", "jalon:period: 0"),
        [
            "things/sensor.tm.yaml:4:15 model.range: The number must be greater than 0.0."
        ],
    ),
    "a number in quotes": (
        ("minimum: -20", 'minimum: "-20"'),
        ["things/sensor.tm.yaml:9:14 model.type: A number is expected here."],
    ),
    "a boolean for a number": (
        ("minimum: -20", "minimum: true"),
        ["things/sensor.tm.yaml:9:14 model.type: A number is expected here."],
    ),
    "a signal nobody knows": (
        ("kind: cold", "kind: colt"),
        [
            "things/sensor.tm.yaml:11:19 model.choice: “colt” is not one of the known words."
            " → Did you mean “cold”?"
        ],
    ),
    "a key of another signal": (
        ("setpoint: 3}", "setpoints: 3}"),
        [
            "things/sensor.tm.yaml:11:32 model.unknown-key: “setpoints” is not a known key here."
            " → Did you mean “setpoint”?"
        ],
    ),
    "a signal without a kind": (
        ("{kind: cold, setpoint: 3}", "{setpoint: 3}"),
        ["things/sensor.tm.yaml:11:19 model.missing-key: The key “kind” is missing."],
    ),
    "a property with a space": (
        ("  temperature:", "  air temperature:"),
        [
            "things/sensor.tm.yaml:6:3 model.pattern: An id is made of letters without accents,"
            " digits, “-” and “_”, 64 at most."
        ],
    ),
    "the Python name of a key": (
        ("    minimum: -20", "    read_only: true"),
        [
            "things/sensor.tm.yaml:9:5 model.unknown-key: “read_only” is not a known key here."
            " → Did you mean “readOnly”?"
        ],
    ),
}  # fmt: skip
SITE_STORIES = {
    "a zone that is none": (
        ("Europe/Paris", "Europe/Pari"),
        [
            "fleet/sites.yaml:4:11 model.value: This is no time zone of the IANA list; write it as"
            " “Europe/Paris”."
        ],
    ),
    "a latitude beyond the pole": (
        ("47.4", "147.4"),
        ["fleet/sites.yaml:5:15 model.range: The number must be at most 90.0."],
    ),
    "half a position": (
        ("    latitude: 47.4\n", ""),
        [
            "fleet/sites.yaml:5:16 fleet.half-position: A position needs latitude and longitude;"
            " only one is given."
        ],
    ),
    "a site given twice": (
        ("sites:\n", "sites:\n  - {id: main, name: M, zone: UTC, rooms: [{id: hall, name: H}]}\n"),
        ["fleet/sites.yaml:3:9 fleet.duplicate-site: “main” is already the id of entry 1."],
    ),
    "a room given twice": (
        ("    rooms:\n", "    rooms:\n      - {id: hall, name: H}\n"),
        ["fleet/sites.yaml:9:14 fleet.duplicate-room: “hall” is already the id of entry 1."],
    ),
}
DEVICE_STORIES = {
    "a thing that is not there": (
        ("Two,sensor", "Two,sensr"),
        [
            "fleet/devices.csv:3:8 fleet.unknown-thing: There is no Thing Model “sensr” in things/."
            " → Did you mean “sensor”?"
        ],
    ),
    "a site that is not there": (
        ("Two,sensor,main", "Two,sensor,mian"),
        [
            "fleet/devices.csv:3:15 fleet.unknown-site: There is no site “mian” in"
            " fleet/sites.yaml. → Did you mean “main”?"
        ],
    ),
    "a room that is not there": (
        ("One,sensor,main,hall", "One,sensor,main,hal"),
        [
            "fleet/devices.csv:2:20 fleet.unknown-room: There is no room “hal” on this device's"
            " site. → Did you mean “hall”?"
        ],
    ),
    "an id of the broker's own": (
        ("d2,Two", "chirpstack,Two"),
        [
            "fleet/devices.csv:3:1 fleet.reserved-id: “chirpstack” is an account of the broker"
            " itself; give this device another id."
        ],
    ),
    "a device given twice": (
        ("d2,Two", "d1,Two"),
        ["fleet/devices.csv:3:1 fleet.duplicate-device: “d1” is already the id of entry 1."],
    ),
    "a DevEUI given twice": (
        ("d2,Two,sensor,main,,", "d2,Two,sensor,main,,0200a14c00000001"),
        [
            "fleet/devices.csv:3:21 fleet.duplicate-dev-eui: “0200a14c00000001” is already the"
            " dev_eui of entry 1."
        ],
    ),
    "a DevEUI too short": (
        ("02-00-A1-4C-00-00-00-01", "02-00-A1"),
        [
            "fleet/devices.csv:2:25 model.pattern: A DevEUI has 16 hexadecimal digits."
        ],
    ),
    "a column nobody knows": (
        ("room,dev_eui", "rooms,dev_eui"),
        [
            "fleet/devices.csv:1:20 model.unknown-key: “rooms” is not a known key here."
            " → Did you mean “room”?"
        ],
    ),
    "a column given twice": (
        ("latitude,tags", "name,tags"),
        ["fleet/devices.csv:1:33 file.duplicate-key: The column “name” is given twice."],
    ),
    "an empty cell that must not be": (
        ("d2,Two", "d2,"),
        ["fleet/devices.csv:3:4 model.missing-key: The key “name” is missing."],
    ),
    "a latitude in words": (
        ("00-01,,a b", "00-01,north,a b"),
        [
            "fleet/devices.csv:2:49 model.type: A number is expected here, with a point for"
            " decimals."
        ],
    ),
    "a cell too many": (
        ("d2,Two,sensor,main,,,,", "d2,Two,sensor,main,,,,x,y"),
        [
            "fleet/devices.csv:3:25 file.csv: This line has 9 cells, the header has 8. → Put a cell"
            " that contains the separator in double quotes."
        ],
    ),
    "a quotation mark not closed": (
        ("Two", '"Two'),
        ["fleet/devices.csv:3:4 file.csv: A quotation mark is not closed."],
    ),
    "text after a quotation mark": (
        ("Two", '"Two"x'),
        ["fleet/devices.csv:3:9 file.csv: After a closing quotation mark the cell must end."],
    ),
}  # fmt: skip
STORIES = {
    "solution.yaml": SOLUTION_STORIES,
    "architecture.yaml": ARCHITECTURE_STORIES,
    "things/sensor.tm.yaml": THING_STORIES,
    "fleet/sites.yaml": SITE_STORIES,
    "fleet/devices.csv": DEVICE_STORIES,
}


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        pytest.param(name, change, expected, id=f"{name}: {story}")
        for name, stories in STORIES.items()
        for story, (change, expected) in stories.items()
    ],
)
def test_a_fault_is_told_at_its_place(
    folder: Path, name: str, change: tuple[str, str], expected: list[str]
) -> None:
    before, after = change
    assert before in FILES[name]
    (folder / name).write_text(FILES[name].replace(before, after, 1), encoding="utf-8")

    assert told(check(folder, design=False)) == expected


RULED = (
    "adapters/folder",
    "design",
    "run/fleet_checks.py",
    "run/links_checks.py",
    "app/link_kinds.py",
)


def test_every_rule_of_the_code_has_its_story() -> None:
    """A new rule without a story fails here."""
    source = Path(__file__).parents[2] / "src/jalon"
    text = "".join(
        path.read_text(encoding="utf-8")
        for part in RULED
        for path in ([source / part] if part.endswith(".py") else (source / part).glob("*.py"))
    )
    rules = set(
        re.findall(r'"((?:file|model|solution|architecture|fleet|things|links)\.[a-z-]+)"', text)
    )
    rules -= {"solution.yaml", "architecture.yaml", "links.yaml"}
    here = Path(__file__).read_text(encoding="utf-8")

    assert {rule for rule in rules if rule not in here} == set()


WHOLE_FILES = {
    "an empty file": (
        {"architecture.yaml": ""},
        ["architecture.yaml file.empty: The file is empty."],
    ),
    "nothing but comments": (
        {"architecture.yaml": "# later\n"},
        ["architecture.yaml file.empty: The file contains nothing but comments."],
    ),
    "a list where keys are expected": (
        {"architecture.yaml": "- a\n- b\n"},
        ["architecture.yaml:1:1 model.type: Keys with values are expected here."],
    ),
    "no solution.yaml": (
        {"solution.yaml": None},
        [
            "solution.yaml file.missing: The file is missing; it says what the solution is for."
            " → “jalon new” makes a folder that has one."
        ],
    ),
    "no architecture yet": ({"architecture.yaml": None}, []),
    "a kind of link there is none of": (
        {"links.yaml": LINKS.replace("modbus-tcp", "modbus-tpc")},
        [
            "links.yaml:2:5 model.choice: “modbus-tpc” is not one of the known words."
            " → Did you mean “modbus-tcp”?"
        ],
    ),
    "a link without a kind": (
        {"links.yaml": LINKS.replace("kind: modbus-tcp, ", "")},
        ["links.yaml:2:5 model.missing-key: The key “kind” is missing."],
    ),
    "a link given twice": (
        {"links.yaml": LINKS + "  - {id: plant, kind: modbus-tcp, host: 127.0.0.2}\n"},
        ["links.yaml:3:10 links.duplicate-link: “plant” is already the id of entry 1."],
    ),
    "a bridge given twice": (
        {"links.yaml": "bridges:\n  - {id: b, publish: [x]}\n  - {id: b, publish: [y]}\n"},
        ["links.yaml:3:10 links.duplicate-bridge: “b” is already the id of entry 1."],
    ),
    "a bridge with a device's id": (
        {"links.yaml": "bridges:\n  - {id: d1, publish: [x]}\n"},
        [
            "links.yaml:2:10 links.taken-account: “d1” is a device's or the broker's own account"
            " already."
        ],
    ),
    "a bridge with a topic filter that is none": (
        {"links.yaml": "bridges:\n  - {id: b, publish: [x], subscribe: [a/#/b]}\n"},
        [
            "links.yaml:2:39 links.bridge-topic: “a/#/b” is no MQTT topic filter, such as"
            " plant/+/state or plant/#."
        ],
    ),
    "a bridge that could give every device commands": (
        {"links.yaml": "bridges:\n  - {id: b, publish: [v1/+/telemetry, v1/#]}\n"},
        [
            "links.yaml:2:39 links.bridge-topic: “v1/#” would let it speak for every device,"
            " network server and link: name the topics that it uses."
        ],
    ),
    "a bridge that could reach the broker's own subjects": (
        {"links.yaml": "bridges:\n  - {id: b, publish: [$JS/API/#, '*']}\n"},
        [
            "links.yaml:2:23 links.bridge-topic: “$JS/API/#” would let it speak for every device,"
            " network server and link: name the topics that it uses.",
            "links.yaml:2:34 links.bridge-topic: “*” is no MQTT topic filter, such as"
            " plant/+/state or plant/#.",
        ],
    ),
    "a bridge that could hear everything": (
        {"links.yaml": "bridges:\n  - {id: b, publish: [x], subscribe: ['#', v1/+/cmd, v1/#]}\n"},
        [
            "links.yaml:2:39 links.bridge-topic: “#” would let it hear what is not meant for it:"
            " name the topics that it uses.",
            "links.yaml:2:54 links.bridge-topic: “v1/#” would let it hear what is not meant for it:"
            " name the topics that it uses.",
        ],
    ),
    "a device of The Things Stack, whose downlinks go over its link": (
        {
            "links.yaml": "links:\n  - {id: plant, kind: things-stack, host: eu1.example.org,"
            " application: school@ttn, key: k}\n",
            "fleet/devices.csv": LINKED.replace("1,\n", ",0200a14c00000001\n"),
        },
        [],
    ),
    "a device on a link that is not there": (
        {"links.yaml": LINKS, "fleet/devices.csv": LINKED.replace("plant", "plnt")},
        [
            "fleet/devices.csv:2:20 fleet.unknown-link: There is no link “plnt” in links.yaml."
            " → Did you mean “plant”?"
        ],
    ),
    "a device with a DevEUI on a link": (
        {"links.yaml": LINKS, "fleet/devices.csv": LINKED.replace("1,\n", "1,0200a14c00000001\n")},
        [
            "fleet/devices.csv:2:20 fleet.link-and-dev-eui: A device with a DevEUI is heard by its"
            " network server, not over a link.",
            UNREADABLE,
        ],
    ),
    "a device that its link cannot read as it is written": (
        {"links.yaml": LINKS, "fleet/devices.csv": LINKED},
        [UNREADABLE],
    ),
    "a file nobody reads": (
        {"solutions.yml": "a: 1\n", "notes.md": "x"},
        ["solutions.yml file.ignored: Nothing reads this file. → Did you mean “solution.yaml”?"],
    ),
    "a Thing Model with another ending": (
        {"things/other.yaml": "a: 1\n"},
        [
            "things/other.yaml file.ignored: Nothing reads this file."
            " → Thing Models end in .tm.yaml or .tm.json."
        ],
    ),
    "a Thing Model named with an accent": (
        {"things/été.tm.yaml": THING},
        [
            "things/été.tm.yaml file.name: The file's name gives the thing its id, and “été” is"
            " none. → Use letters without accents, digits, “-” and “_”."
        ],
    ),
    "a Thing Model given twice": (
        {
            "things/sensor.tm.json": '{"@context": "", "@type": "tm:ThingModel", "title": "S",'
            '"properties": {"t": {"type": "number"}}}'
        },
        ["things/sensor.tm.yaml file.twice: There are two Thing Models “sensor”."],
    ),
    "a Thing Model nobody is": (
        {"things/other.tm.yaml": THING},
        ["things/other.tm.yaml:1:1 things.unused: No device is a “other”."],
    ),
    "a Thing Model that says nothing": (
        {"things/sensor.tm.yaml": THING[: THING.index("properties:")]},
        [
            "fleet/devices.csv:2:8 fleet.thing-without-properties: “sensor” has no properties: this"
            " device has nothing to say.",
            "fleet/devices.csv:3:8 fleet.thing-without-properties: “sensor” has no properties: this"
            " device has nothing to say.",
        ],
    ),
    "devices in two files": (
        {"fleet/devices.yaml": "devices: []\n"},
        [
            "fleet/devices.csv file.twice: Devices stand in devices.yaml as well; only one of the"
            " two can be read.",
        ],
    ),
    "a fleet file with another name": (
        {"fleet/device.csv": "id\n"},
        ["fleet/device.csv file.ignored: Nothing reads this file. → Did you mean “devices.csv”?"],
    ),
    "JSON with a comma too many": (
        {"things/sensor.tm.yaml": None, "things/sensor.tm.json": '{\n\t"title": "S",\n}'},
        ["things/sensor.tm.json:3:1 file.json: A text in double quotes is expected here."],
    ),
    "JSON with a key given twice": (
        {
            "things/sensor.tm.yaml": None,
            "things/sensor.tm.json": '{"@context": "", "title": "A",\n "title": "B"}',
        },
        [
            "things/sensor.tm.json:2:2 file.duplicate-key: “title” is given twice; the first time"
            " on line 1. → Keep one of the two."
        ],
    ),
}


@pytest.mark.parametrize(("files", "expected"), WHOLE_FILES.values(), ids=WHOLE_FILES.keys())
def test_whole_files(folder: Path, files: dict[str, str | None], expected: list[str]) -> None:
    for name, text in files.items():
        if text is None:
            (folder / name).unlink()
        else:
            (folder / name).write_text(text, encoding="utf-8")

    assert told(check(folder, design=False)) == expected


def test_a_byte_that_is_not_utf_8_has_its_place(folder: Path) -> None:
    (folder / "solution.yaml").write_bytes(SOLUTION.replace("Essai", "Été").encode("latin-1"))

    assert told(check(folder, design=False)) == [
        "solution.yaml:2:12 file.encoding: Byte 0xc9 is not UTF-8."
        " → Save the file as UTF-8; it was probably saved as Windows-1252."
    ]


def test_a_file_that_cannot_be_read(folder: Path) -> None:
    (folder / "things/folder.tm.yaml").mkdir()
    (folder / "architecture.yaml").unlink()
    (folder / "architecture.yaml").symlink_to("/proc/self/mem")  # opens, and fails to be read

    assert told(check(folder, design=False)) == [
        "architecture.yaml file.unreadable: The file cannot be read: Input/output error."
    ]


def test_spreadsheet_habits_are_understood(folder: Path) -> None:
    """A byte-order mark, semicolons and CRLF, as a French spreadsheet saves them."""
    text = "\ufeff" + DEVICES.replace(",", ";").replace("\n", "\r\n")
    (folder / "fleet/devices.csv").write_bytes(text.encode())

    assert told(check(folder, design=False)) == []
    assert [device.id for device in load(folder).fleet.devices] == ["d1", "d2"]


def test_devices_may_be_yaml_and_things_json(folder: Path) -> None:
    (folder / "fleet/devices.csv").unlink()
    (folder / "fleet/devices.yaml").write_text(
        dedent(
            """\
            devices:
              - {id: d1, name: One, thing: sensor, site: main, dev_eui: 0200a14c00000001}
              - {id: d2, name: Two, thing: sensor, site: nowhere}
            """
        ),
        encoding="utf-8",
    )
    (folder / "things/sensor.tm.yaml").unlink()
    (folder / "things/sensor.tm.json").write_text(
        '{"@context": [], "@type": "tm:ThingModel", "title": "Sensor",\n'
        '"properties": {"t": {"type": "number", "unit": "Celc"}}}',
        encoding="utf-8",
    )

    assert [str(finding.place) for finding in check(folder, design=False)] == [
        "fleet/devices.yaml:3:46",
        "things/sensor.tm.json:2:48",
    ]


def test_a_faulty_thing_is_blamed_alone(folder: Path) -> None:
    (folder / "things/sensor.tm.yaml").write_text(THING.replace("title", "tilte"), encoding="utf-8")

    assert {finding.place.file for finding in check(folder, design=False)} == {
        "things/sensor.tm.yaml"
    }


def test_a_fault_in_one_file_does_not_hide_those_of_the_others(folder: Path) -> None:
    (folder / "things/sensor.tm.yaml").write_text(THING.replace("Cel", "Celcius", 1), "utf-8")
    (folder / "fleet/devices.csv").write_text(DEVICES.replace("02-00", "02"), "utf-8")
    (folder / "solution.yaml").write_text(SOLUTION.replace("[O1]", "[O7]"), "utf-8")

    assert [finding.rule for finding in check(folder, design=False)] == [
        "model.pattern",
        "solution.unknown-objective",
        "things.unknown-unit",
    ]


def test_only_errors_stop_a_solution(folder: Path) -> None:
    (folder / "things/other.tm.yaml").write_text(THING, encoding="utf-8")

    assert [finding.severity for finding in check(folder, design=False)] == [Severity.WARNING]
    assert "other" in load(folder).things


def test_loading_a_faulty_folder_says_how_many_errors_and_carries_them(folder: Path) -> None:
    (folder / "solution.yaml").write_text(SOLUTION.replace("[O1]", "[O2, O3]"), encoding="utf-8")

    with pytest.raises(SolutionError, match=r"errors: 2\. “jalon check") as caught:
        load(folder)

    assert [finding.rule for finding in caught.value.findings] == ["solution.unknown-objective"] * 2


def test_a_folder_that_is_not_there_is_misuse(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no folder"):
        check(tmp_path / "nowhere")
