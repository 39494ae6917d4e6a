"""The page of the architecture: every part by its link, with what is written and what runs."""

from __future__ import annotations

import re

import httpx
import pytest
from pydantic import TypeAdapter
from school import School

from jalon.app.design.drift import ACTUAL_PATH, actual
from jalon.design.structure.drift import Actual

PATH = "/design/architecture"


def text(page: httpx.Response) -> str:
    """What a reader reads."""
    assert page.status_code == 200, page.text
    return " ".join(re.sub("<[^>]*>", " ", page.text).split())


def test_the_page_leads_to_each_of_its_parts(client: httpx.Client) -> None:
    page = client.get(PATH)
    assert "every border is guarded" in text(page)
    assert "22 of 26" in text(page)
    links = re.findall(rf'href="({PATH}[^"]*)"', page.text)
    views = [one for one in links if "view=" in one]
    assert len(views) == 6
    for link in views:
        shown = client.get(link.replace("&amp;", "&"))
        assert re.search(r'aria-current="page">[^<]+</a></li></?', shown.text)
        assert text(shown)


def test_flows_stand_with_border_and_guard_and_can_be_edited(client: httpx.Client) -> None:
    page = client.get(PATH, params={"view": "flows"})
    row = re.search(r"<tr><th[^>]*>F-backhaul</th>.*?</tr>", page.text, re.DOTALL)
    assert row
    assert "Technical rooms → Town hall server room" in row[0]
    assert "client certificate" in row[0]
    assert 'href="/design/edit/architecture/flows/F-backhaul"' in page.text
    assert 'href="/design/add/architecture/zones"' in page.text


def test_drawings_come_with_their_words(client: httpx.Client) -> None:
    page = client.get(PATH, params={"view": "diagrams"})
    assert page.text.count('<svg xmlns="http://www.w3.org/2000/svg" role="img"') == 4
    ids = re.findall(r'id="(architecture-[^"]+)"', page.text)
    assert len(ids) == len(set(ids)) == 8
    words = text(page)
    assert "3. F-backhaul: LoRaWAN gateways → LoRaWAN network server (MQTT)." in words


def test_growth_is_computed_for_the_factor_asked_for(client: httpx.Client) -> None:
    assert "10 times the 26 objects go through" in text(client.get(PATH, params={"view": "growth"}))
    far = client.get(PATH, params={"view": "growth", "factor": "300"})
    assert "LoRaWAN gateways breaks first: 138" in text(far)
    assert client.get(PATH, params={"view": "growth", "factor": "0"}).status_code >= 400


def test_drift_tells_who_knocks_and_what_nothing_carries(
    client: httpx.Client, school: School
) -> None:
    shown = text(client.get(PATH, params={"view": "drift"}))
    assert "ghost-7" in shown
    assert "Nothing in integrations.yaml carries the flow “F-open-data”" in shown
    # Every sensor has values in the store, so none of them is said to be silent.
    assert "“air-sensor” was ever heard" not in shown


def test_the_api_gives_what_the_command_compares(client: httpx.Client, school: School) -> None:
    answer = client.get(ACTUAL_PATH)
    assert answer.status_code == 200
    read = TypeAdapter(Actual).validate_json(answer.content)
    now = actual(school.running)
    assert {one.thing: one.devices for one in read.things} == {
        one.thing: one.devices for one in now.things
    }
    assert sum(one.devices for one in read.things) == len(school.running.solution.fleet.devices)
    assert "ghost-7" in {one.id for one in read.strangers}


@pytest.mark.parametrize("path", [PATH, ACTUAL_PATH])
def test_nobody_sees_it_without_signing_in(stranger: httpx.Client, path: str) -> None:
    assert stranger.get(path).status_code in (303, 401)
