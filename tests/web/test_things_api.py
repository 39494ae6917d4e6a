"""Programs of the Web of Things read a device through its description alone."""

from __future__ import annotations

import httpx

from jalon.run.wot.check import problems

DEVICE = "zay-cm2-a"


def test_a_description_is_valid_and_its_forms_lead_to_the_values(client: httpx.Client) -> None:
    answer = client.get(f"/api/v1/things/{DEVICE}")
    assert answer.headers["content-type"].startswith("application/td+json")
    described = answer.json()
    assert problems(described) == []

    (everything,) = [one for one in described["forms"] if one["op"] == ["readallproperties"]]
    values = client.get(everything["href"]).json()
    assert values.keys() <= described["properties"].keys()
    assert "co2" in values
    for name, value in values.items():
        (form,) = described["properties"][name]["forms"]
        assert form["op"] == ["readproperty"]
        assert client.get(form["href"]).json() == value


def test_what_is_not_there_is_said(client: httpx.Client) -> None:
    assert client.get("/api/v1/things/nobody").status_code == 404
    assert client.get(f"/api/v1/things/{DEVICE}/properties/nothing").status_code == 404


def test_strangers_read_nothing(stranger: httpx.Client) -> None:
    assert stranger.get(f"/api/v1/things/{DEVICE}").status_code == 401
