"""What nobody wants, nothing fulfils and nobody can show; and what begins is left in peace."""

from __future__ import annotations

from datetime import date

from needs_writer import about, blueprint, cases, parts, requirement, told

from jalon.design.blueprint import Blueprint
from jalon.design.needs.checks import check
from jalon.design.needs.duplicates import check_duplicates
from jalon.design.needs.links import check_links
from jalon.design.needs.systems import check_systems
from jalon.vocab.finding import Severity

TODAY = date(2026, 11, 23)
ANN = {"id": "ann", "name": "Ann", "role": "Teacher"}
OBJECTIVE = {"id": "O1", "statement": "Know when to air.", "personas": ["ann"]}


def test_a_folder_that_begins_is_told_nothing() -> None:
    solution = about(
        requirement("R1", "The system answers."), requirement("R2", "The display lights up.")
    )
    assert not list(check(blueprint(solution, "jalon"), TODAY))


def test_what_hangs_in_the_air_is_told_where_links_have_begun() -> None:
    whole = requirement(
        "R1",
        "The system answers within 2 s.",
        objectives=["O1"],
        components=["jalon"],
        rationale="Ann waits.",
        measure="page.latency p95 < 2 s",
    )
    bare = requirement("R2", "The display lights up.")
    solution = about(
        whole,
        bare,
        personas=[ANN, {"id": "bob", "name": "Bob", "role": "Caretaker"}],
        objectives=[
            OBJECTIVE,
            {"id": "O2", "statement": "Save heat.", "measure": "data.age < 1 h"},
        ],
        use_cases=[{"id": "U1", "title": "Air the room", "persona": "ann"}],
    )
    found = list(check_links(blueprint(solution, "jalon", "lamp")))
    assert told(found) == [
        ("needs.unmeasured", ("objectives", 0)),
        ("needs.unserved", ("objectives", 1)),
        ("needs.no-objective", ("requirements", 1)),
        ("needs.no-rationale", ("requirements", 1)),
        ("needs.no-component", ("requirements", 1)),
        ("needs.unverifiable", ("requirements", 1)),
        ("needs.persona-alone", ("personas", 1)),
        ("needs.use-case-alone", ("use_cases", 0)),
        ("needs.no-steps", ("use_cases", 0)),
        ("needs.component-alone", ("components",)),
    ]
    assert all(one.severity is not Severity.ERROR for one in found)


def test_a_test_case_or_an_acceptance_makes_a_requirement_verifiable() -> None:
    seen = requirement("R1", "The display lights up.", acceptance="Ann reads it.")
    shown = requirement("R2", "The display shows a word.")
    solution = about(seen, shown)
    plan = cases({"id": "T1", "requirements": ["R2"]})
    assert told(list(check_links(blueprint(solution, plan=plan)))) == [
        ("needs.untested", ("requirements", 0))
    ]


def test_a_requirement_that_is_put_off_is_not_asked_for_anything() -> None:
    later = requirement("R2", "The display lights up.", priority="wont")
    whole = requirement(
        "R1", "The system answers.", acceptance="Ann sees it.", rationale="Ann waits."
    )
    assert not list(check_links(blueprint(about(whole, later))))


def test_twins_are_told_at_the_later_one() -> None:
    demands = about(
        requirement("R1", "The system stores every measurement of the room for three years."),
        requirement("R2", "The system shows the state of the air by a word."),
        requirement("R3", "The system stores  every measurement of the room for three years."),
        requirement("R4", "The system stores every measurement of the hall for three years."),
        requirement(
            "R5",
            "The system stores every measurement of the room for three years.",
            measure="retention >= 3 y",
        ),
    ).requirements
    found = list(check_duplicates(demands))
    assert [(str(one.text), one.severity) for one in found] == [
        ("R3 says the same as R1.", Severity.WARNING),
        ("R4 says nearly the same as R1.", Severity.INFO),
    ]


def _with_systems(flows: list[dict[str, str]], **system: object) -> Blueprint:
    solution = about(
        requirement("R1", "The system reads the heating.", systems=["bms"]),
        existing_systems=[{"id": "bms", "name": "Heating", "protocols": ["Modbus TCP"], **system}],
    )
    return Blueprint(about=solution, architecture=parts("jalon", flows=flows))


def test_an_existing_system_is_not_asked_for_what_it_cannot_do() -> None:
    read = {"id": "F1", "from": "bms", "to": "jalon", "protocol": "Modbus TCP"}
    write = {"id": "F2", "from": "jalon", "to": "bms", "protocol": "MQTT"}
    found = list(
        check_systems(_with_systems([read, write], access="read", until="2028-12-31"), TODAY)
    )
    assert told(found) == [
        ("needs.system-protocol", ("flows", 1, "protocol")),
        ("needs.system-access", ("flows", 1, "to")),
    ]
    assert "2028-12-31" in str(found[1].hint)
    after = check_systems(
        _with_systems([read, write], access="read", until="2028-12-31"), date(2029, 1, 1)
    )
    assert [one.rule for one in after] == ["needs.system-protocol", "needs.limit-ended"]


def test_versions_and_families_of_protocols_are_the_same_language() -> None:
    flow = {"id": "F1", "from": "bms", "to": "jalon", "protocol": "MQTT 3.1.1"}
    assert not list(check_systems(_with_systems([flow], protocols=["MQTT"]), TODAY))
    odd = {"id": "F1", "from": "bms", "to": "jalon", "protocol": "Zonk 7"}
    assert not list(check_systems(_with_systems([odd], protocols=["zonk 7"]), TODAY))


def test_a_requirement_that_depends_on_a_system_needs_a_flow_to_it() -> None:
    flow = {"id": "F1", "from": "jalon", "to": "jalon", "protocol": "HTTPS"}
    assert told(list(check_systems(_with_systems([flow]), TODAY))) == [
        ("needs.system-unreached", ("requirements", 0, "systems", 0))
    ]


def test_a_requirement_that_speaks_of_a_system_says_that_it_depends_on_it() -> None:
    system = {"id": "bms", "name": "Heating control"}
    silent = requirement("R1", "The heating control gives its state every hour.")
    said = requirement("R2", "The heating control gives its faults.", systems=["bms"])
    found = Blueprint(about=about(silent, said, existing_systems=[system]))
    assert told(list(check_systems(found, TODAY))) == [
        ("needs.system-unnamed", ("requirements", 0, "statement"))
    ]
