"""The link with a real OPC UA server."""

from __future__ import annotations

import hashlib
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from asyncua.ua.status_codes import StatusCodes
from opcua_papers import make_papers
from opcua_peers import NAMESPACE, OneUser, Plant, member
from roads import Served
from waiting import wait_for

from jalon.adapters.links.opcua.link import Settings, make
from jalon.run.links import Member
from jalon.vocab.errors import UsageError

Serve = Callable[..., Served]
OLD = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Certificates and keys of the server and of ours."""
    return make_papers(tmp_path_factory.mktemp("papers"))


@pytest.fixture(scope="module")
def plant(papers: dict[str, Path]) -> Iterator[Plant]:
    """A server for tests that leave it running; each adds variables of its own."""
    running = Plant()
    running.start({}, (papers["server.der"], papers["server.key"]))
    yield running
    running.close()


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve a link with these members; keywords are settings, `secrets` apart."""
    running: list[Served] = []

    def serve(
        url: str, members: list[Member], secrets: dict[str, str] | None = None, **settings: Any
    ) -> Served:
        values = {
            "id": "plant",
            "kind": "opcua",
            "url": url,
            "policy": "none",
            "namespace": NAMESPACE,
            "sampling_ms": 20,
            "publishing_ms": 50,
            **settings,
        }
        served = Served(make(Settings.model_validate(values), members), secrets).start()
        running.append(served)
        return served

    yield serve
    for one in running:
        one.close()


def said(served: Served, device: str, name: str) -> list[object]:
    """What was said of a property, in order."""
    return [
        entry[name]
        for topic, payload in list(served.road.messages)
        if topic == f"v1/{device}/telemetry"
        for entry in entries(payload)
        if name in entry
    ]


def entries(payload: bytes) -> list[dict[str, object]]:
    """The entries of one message."""
    return list(orjson.loads(payload))


def test_values_flow_with_their_own_times(plant: Plant, serve: Serve) -> None:
    plant.add({"Temperature": 20.5, "Running": True, "Order": "A-17"})
    served = serve(
        plant.url,
        [
            member(
                "line1",
                "Line1",
                {
                    "temperature": {"href": "s={address}.Temperature"},
                    "running": {"href": f"nsu={NAMESPACE};s=Line1.Running"},
                    "order": {"href": "ns=2;s=Line1.Order"},
                },
                running="boolean",
                order="string",
            )
        ],
    )
    wait_for(lambda: bool(said(served, "line1", "order")))
    wait_for(lambda: bool(said(served, "line1", "temperature")))
    assert said(served, "line1", "temperature") == [20.5]
    assert said(served, "line1", "running") == [True]
    assert said(served, "line1", "order") == ["A-17"]
    assert served.ups == [plant.url]

    plant.write("Temperature", 21.0, source=OLD)
    wait_for(lambda: len(said(served, "line1", "temperature")) == 2)
    last = entries(served.road.messages[-1][1])[-1]
    assert last == {"ts": round(OLD.timestamp() * 1000), "temperature": 21.0}
    assert served.notes == []


def test_every_change_arrives_in_order(plant: Plant, serve: Serve) -> None:
    plant.add({"Count": 0})
    served = serve(
        plant.url, [member("line1", None, {"count": {"href": "s=Line1.Count"}})], queue=1000
    )
    wait_for(lambda: bool(said(served, "line1", "count")))
    for number in range(1, 200):
        plant.write("Count", number)
    wait_for(lambda: said(served, "line1", "count")[-1:] == [199])
    assert said(served, "line1", "count") == list(range(200))


def test_a_server_that_is_busy_for_a_while_is_not_taken_for_dead(
    plant: Plant, serve: Serve
) -> None:
    plant.add({"Load": 1})
    served = serve(plant.url, [member("line1", None, {"load": {"href": "s=Line1.Load"}})])
    wait_for(lambda: said(served, "line1", "load") == [1])

    async def work() -> None:
        time.sleep(2.2)  # noqa: ASYNC251 - the server answers nobody meanwhile

    plant.run(work())
    plant.write("Load", 2)
    wait_for(lambda: said(served, "line1", "load") == [1, 2])
    assert served.ends == []


def test_a_bad_value_is_not_stored_and_a_doubtful_one_is_told(plant: Plant, serve: Serve) -> None:
    plant.add({"Level": 1.0})
    served = serve(plant.url, [member("tank", None, {"level": {"href": "s=Line1.Level"}})])
    wait_for(lambda: said(served, "tank", "level") == [1.0])

    plant.write("Level", 2.0, status=StatusCodes.BadSensorFailure)
    wait_for(lambda: len(served.notes) == 1)
    plant.write("Level", 3.0, status=StatusCodes.UncertainLastUsableValue)
    wait_for(lambda: len(served.notes) == 2)
    plant.write("Level", 4.0)
    wait_for(lambda: 4.0 in said(served, "tank", "level"))

    assert said(served, "tank", "level") == [1.0, 3.0, 4.0]
    assert served.notes == [
        "tank: level has no good value (BadSensorFailure).",
        "tank: level is stored, and doubtful (UncertainLastUsableValue).",
    ]


def test_a_node_that_is_not_there_is_named_and_the_others_go_on(plant: Plant, serve: Serve) -> None:
    plant.add({"Speed": 5})
    forms: dict[str, dict[str, object]] = {
        "speed": {"href": "s=Line1.Speed"},
        "wrong": {"href": "s=Line1.Sped"},
        "elsewhere": {"href": "nsu=urn:nobody;s=x"},
        "path": {"href": "/Line1/Nothing"},
    }
    served = serve(plant.url, [member("line1", None, forms)])
    wait_for(lambda: said(served, "line1", "speed") == [5])
    wait_for(lambda: len(served.notes) == 3)
    assert sorted(served.notes)[2] == (
        "line1: wrong is not there: BadNodeIdUnknown ns=2;s=Line1.Sped."
    )
    assert "urn:nobody" in sorted(served.notes)[0]
    assert sorted(served.notes)[1].startswith("line1: path is not there: ")


def test_nodes_are_found_by_their_names_too(plant: Plant, serve: Serve) -> None:
    plant.add({"Speed": 5})
    served = serve(
        plant.url,
        [
            member("a", None, {"x": {"href": "/Line1/Speed"}}),
            member("b", None, {"y": {"href": "/2:Line1/2:Speed"}}),
            member("c", "ns=0;i=85", {"z": {"href": "/2:Line1/2:Speed"}}),
        ],
    )
    for device, name in (("a", "x"), ("b", "y"), ("c", "z")):
        wait_for(lambda device=device, name=name: said(served, device, name) == [5])  # type: ignore[misc]


def test_an_array_is_left_out_and_told(plant: Plant, serve: Serve) -> None:
    plant.add({"Curve": [1.0, 2.0], "Speed": 1})
    forms = {"curve": {"href": "s=Line1.Curve"}, "speed": {"href": "s=Line1.Speed"}}
    served = serve(plant.url, [member("line1", None, forms)])
    wait_for(lambda: said(served, "line1", "speed") == [1])
    wait_for(lambda: served.notes == ["line1: curve is left out: it is an array."])
    assert said(served, "line1", "curve") == []


def test_small_changes_are_left_out_by_a_deadband(plant: Plant, serve: Serve) -> None:
    plant.add({"Level": 1.0})
    form = {"href": "s=Line1.Level", "jalon:deadband": 0.5}
    served = serve(plant.url, [member("tank", None, {"level": form})])
    wait_for(lambda: said(served, "tank", "level") == [1.0])
    plant.write("Level", 1.2)
    plant.write("Level", 2.0)
    wait_for(lambda: 2.0 in said(served, "tank", "level"))
    assert said(served, "tank", "level") == [1.0, 2.0]


def test_a_value_that_stands_still_is_written_again(plant: Plant, serve: Serve) -> None:
    plant.add({"Level": 1.0})
    served = serve(
        plant.url, [member("tank", None, {"level": {"href": "s=Line1.Level"}})], repeat_s=0.1
    )
    wait_for(lambda: len(said(served, "tank", "level")) >= 3)
    assert set(said(served, "tank", "level")) == {1.0}


def test_an_enumeration_speaks_words_when_the_property_is_a_text(
    plant: Plant, serve: Serve
) -> None:
    plant.add_server_state("State", 1)
    served = serve(
        plant.url,
        [
            member("line1", None, {"state": {"href": "s=Line1.State"}}, state="string"),
            member("line2", None, {"code": {"href": "s=Line1.State"}}),
        ],
    )
    wait_for(lambda: bool(said(served, "line1", "state")) and bool(said(served, "line2", "code")))
    assert said(served, "line2", "code") == [1]
    assert said(served, "line1", "state") == ["Failed"]


def test_the_link_goes_on_when_the_server_restarts_with_other_numbers(serve: Serve) -> None:
    plant = Plant()
    later = Plant(padding=3)
    try:
        plant.start({"Speed": 1})
        served = serve(
            plant.url, [member("line1", None, {"speed": {"href": "s=Line1.Speed"}})], timeout_s=1
        )
        wait_for(lambda: said(served, "line1", "speed") == [1])
        plant.stop()
        wait_for(lambda: bool(served.ends))
        later.port = plant.port
        later.start({"Speed": 2})
        wait_for(lambda: said(served, "line1", "speed")[-1:] == [2])
        assert len(served.ups) >= 2
    finally:
        plant.close()
        later.close()


def test_nobody_there_is_told(serve: Serve) -> None:
    served = serve(
        "opc.tcp://127.0.0.1:1", [member("line1", None, {"x": {"href": "i=2258"}})], timeout_s=1
    )
    wait_for(lambda: bool(served.ends))
    assert served.ends[0].startswith("opc.tcp://127.0.0.1:1: ")


def test_a_link_that_waits_for_an_answer_stops_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"opc.tcp://127.0.0.1:{mute.getsockname()[1]}"
        settings = Settings.model_validate(
            {"id": "p", "kind": "opcua", "url": url, "policy": "none", "timeout_s": 60}
        )
        link = make(settings, [member("line1", None, {"x": {"href": "i=2258"}})])
        served = Served(link).start()
        heard, _ = mute.accept()
        assert heard.recv(3) == b"HEL"
        served.close()
        heard.close()


def test_a_password_is_asked_for_and_a_wrong_one_refused(serve: Serve) -> None:
    plant = Plant(user_manager=OneUser())
    try:
        plant.start({"Speed": 1})
        members = [member("line1", None, {"speed": {"href": "s=Line1.Speed"}})]
        right = serve(
            plant.url,
            members,
            {"plant-password": "sesame"},
            user="jalon",
            password="plant-password",
        )
        wait_for(lambda: said(right, "line1", "speed") == [1])
        wrong = serve(plant.url, members, {"p": "guess"}, user="jalon", password="p")
        wait_for(lambda: bool(wrong.ends))
        assert wrong.ups == []
        unset = serve(plant.url, members, user="jalon", password="nowhere")
        wait_for(lambda: "The secret “nowhere” has not been set." in unset.ends)
    finally:
        plant.close()


def test_an_encrypted_session_with_the_server_that_was_agreed_on(
    plant: Plant, serve: Serve, papers: dict[str, Path]
) -> None:
    plant.add({"Speed": 7})
    members = [member("line1", None, {"speed": {"href": "s=Line1.Speed"}})]
    seen = hashlib.sha256(papers["server.der"].read_bytes()).hexdigest()
    files = {"certificate": str(papers["client.pem"]), "key": str(papers["client.key"])}
    secure = {"policy": "Basic256Sha256", **files}

    asking = serve(plant.url, members, **secure)
    wait_for(lambda: bool(asking.ends))
    assert seen in asking.ends[0]
    assert asking.ups == []

    other = serve(plant.url, members, **secure, server_fingerprint="00" * 32)
    wait_for(lambda: bool(other.ends))
    assert "another one than agreed" in other.ends[0]

    written = ":".join(seen[i : i + 2] for i in range(0, 64, 2)).upper()
    served = serve(plant.url, members, **secure, server_fingerprint=written)
    wait_for(lambda: said(served, "line1", "speed") == [7])
    assert served.ends == []

    weaker = serve(plant.url, members, **(secure | {"policy": "Aes256Sha256RsaPss"}))
    wait_for(lambda: bool(weaker.ends))
    assert "does not offer the policy Aes256Sha256RsaPss" in weaker.ends[0]


def test_a_device_whose_forms_lead_nowhere_is_refused_at_once() -> None:
    settings = Settings(id="plant", kind="opcua", url="opc.tcp://127.0.0.1:4840", policy="none")
    with pytest.raises(UsageError, match="line1 has no property with an OPC UA form"):
        make(settings, [member("line1", None, {"x": {"href": "100", "modv:entity": "Coil"}})])
    with pytest.raises(UsageError, match="line1 cannot be read over OPC UA: x: the form wants"):
        make(settings, [member("line1", None, {"x": {"href": "s={address}.x"}})])
