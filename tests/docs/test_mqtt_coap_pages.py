"""The guides of MQTT and CoAP: their files are good, their commands work, their table holds."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from jalon.adapters.links.coap.security import read_keys
from jalon.app.external_secrets import read_external
from jalon.app.link_kinds import links_file
from jalon.app.new_solution import create
from jalon.run.fleet import Device
from jalon.run.fleet_checks import check_things
from jalon.run.links import Member
from jalon.run.things import ThingModel
from jalon.run.topic_mapping import topic_map

PAGES = Path(__file__).parents[2] / "docs" / "links"


def fences(page: str, language: str) -> list[str]:
    text = (PAGES / f"{page}.md").read_text("utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def examples(page: str) -> list[dict[str, Any]]:
    return [yaml.safe_load(one) for one in fences(page, "yaml")]


def thing(page: str) -> ThingModel:
    [model] = [one for one in examples(page) if "@type" in one]
    return ThingModel.model_validate(model)


@pytest.mark.parametrize("page", ["mqtt", "coap"])
def test_the_files_of_the_guide_are_good(page: str) -> None:
    assert list(check_things({"thing": thing(page)})) == []
    for one in examples(page):
        if {"links", "bridges"} & set(one):
            links_file().model_validate(one)
        for device in one.get("devices", ()):
            Device.model_validate(device)


def test_the_table_of_values_holds() -> None:
    [device] = [
        Device.model_validate(one) for part in examples("mqtt") for one in part.get("devices", ())
    ]
    routes = topic_map([Member(device, thing("mqtt"))]).routes
    text = (PAGES / "mqtt.md").read_text("utf-8")
    rows = re.findall(r"^\| `(hall/meter-1\S*)` \| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    assert len(rows) == 3
    read = [
        routes[f"ext/plant/{topic}"].read(payload.encode())
        for topic, payloads, _ in rows
        for payload in re.findall(r"`(.+?)`", payloads)
    ]
    assert read == [
        {"temperature": 21.5, "humidity": 40},
        {"power": 23.5},
        {"power": 23.5},
        {"power": 23.5},
        {"power": {"value": 0.0235, "unit": "kW"}},
        {"lit": True},
    ]


def test_the_commands_of_the_guides_work(tmp_path: Path) -> None:
    script = tmp_path / "bin" / "jalon"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -m jalon.cli "$@"\n')
    script.chmod(0o755)
    shell = {**os.environ, "PATH": f"{script.parent}:{os.environ['PATH']}", "PASSWORD": "s3cret"}
    folder = tmp_path / "my-school"
    create(folder, "air")
    for line in fences("mqtt", "sh") + fences("coap", "sh"):
        done = subprocess.run(
            ["/bin/sh", "-ec", line],
            cwd=tmp_path,
            env=shell,
            check=True,
            capture_output=True,
            text=True,
        )
    assert read_external(folder, "plant-broker") == "s3cret"
    keys = read_keys("probe-1", read_external(folder, "coap-probe-1") or "")
    assert len(keys.secret) == 16
    assert done.stdout.splitlines()[-1] == keys.device.hex()
