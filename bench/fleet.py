"""The solution that is measured: rooms whose air is reported over MQTT."""

from __future__ import annotations

import json
from pathlib import Path

from jalon.app.reception import reception

_SOLUTION = """\
id: bench
name: Bench
client:
  name: The bench
problem:
  statement: How much can one small machine record?
"""
_SITES = """\
sites:
  - id: here
    name: Here
    zone: Europe/Paris
"""
_LIMITS = """\
# What is measured says far more than real devices do.
limits:
  messages_per_second: 100000
  burst: 100000000
"""
_UNITS = {"temperature": "Cel", "humidity": "%", "co2": "[ppm]", "battery": "V"}
_RANGES = {
    "temperature": (-40, 85),
    "humidity": (0, 100),
    "co2": (0, 10_000),
    "battery": (0, 5),
}


def device(number: int) -> str:
    """The id of device `number`."""
    return f"room-{number:04d}"


def write_solution(folder: Path, devices: int) -> None:
    """A solution folder with that many devices of four numeric properties each."""
    for name in ("things", "fleet"):
        (folder / name).mkdir(parents=True)
    (folder / "solution.yaml").write_text(_SOLUTION)
    (folder / "fleet" / "sites.yaml").write_text(_SITES)
    rows = [f"{device(n)},Room {n},air,here\n" for n in range(devices)]
    (folder / "fleet" / "devices.csv").write_text("id,name,thing,site\n" + "".join(rows))
    (folder / "links.yaml").write_text(_LIMITS)
    (folder / "things" / "air.tm.json").write_text(json.dumps(_thing(), indent=2))


def credentials(folder: Path, devices: int) -> list[tuple[str, str]]:
    """(id, MQTT password) of every device: new ones, also while the solution runs."""
    wanted = dict.fromkeys(map(device, range(devices)))
    with reception(folder, "bench.credentials") as desks:
        issued = desks.keyring.issue_each(wanted)
    return [(one.identity, one.secret) for one in issued]


def _thing() -> dict[str, object]:
    return {
        "@context": "https://www.w3.org/2022/wot/td/v1.1",
        "@type": "tm:ThingModel",
        "title": "Air sensor",
        "jalon:period": 10,
        "properties": {
            name: {
                "type": "number",
                "unit": unit,
                "minimum": _RANGES[name][0],
                "maximum": _RANGES[name][1],
                "readOnly": True,
            }
            for name, unit in _UNITS.items()
        },
    }
