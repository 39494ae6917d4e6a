"""What every page's text holds to, whoever reads it."""

from __future__ import annotations

import dataclasses
import re

import httpx
import pytest
from school import School, otherwise, visiting

from jalon.app.formats import Formats
from jalon.app.language import language
from jalon.run.fleet import Fleet
from jalon.run.things import Property, PropertyType
from jalon.web.server import create

PAGES = ["/fleet", "/devices/zay-cm2-a", "/health", "/solution", "/account", "/api", "/nowhere"]


@pytest.mark.parametrize("path", PAGES)
def test_no_style_and_no_script_stands_in_a_page(client: httpx.Client, path: str) -> None:
    page = client.get(path).text
    assert not re.search(r"<[^>]+\sstyle=", page)
    assert not re.search(r"<[^>]+\son[a-z]+=", page)
    assert "<style" not in page
    assert "javascript:" not in page
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page))


@pytest.mark.parametrize(
    ("unit", "value", "shown"),
    [
        ("%", 49.0, "49%"),
        ("%", 4.0, "4%"),
        ("Cel", 4.0, "4.0\u202f°C"),
        ("Cel", -21.66, "-21.7\u202f°C"),
        ("[ppm]", 612.4, "612\u202fppm"),
        ("V", 3.0, "3.00\u202fV"),
    ],
)
def test_values_of_one_unit_have_the_same_decimals(unit: str, value: float, shown: str) -> None:
    prop = Property(type=PropertyType.NUMBER, unit=unit)
    assert Formats(language("en")).value(value, prop) == shown


def test_the_mean_of_whole_numbers_need_not_be_whole() -> None:
    prop = Property(type=PropertyType.INTEGER)
    formats = Formats(language("fr"))
    assert formats.value(3, prop) == "3"
    assert formats.mean(3.25, prop) == "3,25"


def test_a_fleet_without_devices_says_what_to_do(
    school: School, session_cookie: dict[str, str]
) -> None:
    solution = dataclasses.replace(school.running.solution, fleet=Fleet())
    app = create(otherwise(school.running, solution=solution))
    with visiting(app) as visitor:
        visitor.cookies.set(session_cookie["name"], session_cookie["value"])
        page = visitor.get("/fleet")
        health = visitor.get("/health")
    assert "fleet/devices.csv" in page.text
    assert "No device matches" not in page.text
    assert health.status_code == 200
