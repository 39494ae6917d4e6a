"""The examples of the guide pages of links are ones that work."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from jalon.app.link_kinds import kinds
from jalon.run.fleet import Device
from jalon.run.fleet_checks import check_things
from jalon.run.links import Member
from jalon.run.things import ThingModel

PAGES = Path(__file__).parents[2] / "docs" / "links"


def examples(page: str) -> list[Any]:
    """The YAML examples of a page, in order."""
    text = (PAGES / f"{page}.md").read_text("utf-8").replace("5f1c…", f"{'5f' * 32}")
    return [yaml.safe_load(one) for one in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]


@pytest.mark.parametrize("page", ["modbus", "opcua"])
def test_the_first_device_of_a_page_can_be_read_over_its_link(page: str) -> None:
    found = examples(page)
    entries = [entry for one in found for entry in one.get("links", ())]
    (model,) = [one for one in found if "@type" in one]
    devices = [Device.model_validate(one) for part in found for one in part.get("devices", ())]
    thing = ThingModel.model_validate(model)
    assert list(check_things({"thing": thing})) == []
    assert devices
    assert entries
    for entry in entries:
        kind = kinds()[entry["kind"]]
        kind.make(
            kind.settings.model_validate(entry), [Member(device, thing) for device in devices]
        )
