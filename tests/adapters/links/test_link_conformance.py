"""What every link keeps to, whatever it speaks: the same stories for each kind there is, with its
real other side, from `links.yaml` to the reading."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from bad_peers import Ear
from link_peers import HARNESSES, LINK, Entry, Harness
from memory_store import MemoryStore
from notebook import Notebook
from roads import KeptRoad, Served
from waiting import wait_for

from jalon.app import routing
from jalon.app.link_kinds import Prepared, kinds, make_links
from jalon.app.linkage import Linkage, Tools
from jalon.app.solution import load
from jalon.run.backoff import Backoff
from jalon.run.batch import RawBatch
from jalon.run.identity import Denied
from jalon.run.journal import Kind

KINDS = sorted(kinds())
SOLUTION = {
    "id": "plant",
    "name": "Plant",
    "client": {"name": "Somebody"},
    "problem": {"statement": "Everything speaks another language."},
    "personas": [{"id": "nadia", "name": "Nadia", "role": "Integrator"}],
}
LEAVES_WITHIN_S = 3
"""A link has one second; a busy machine gets more, and less than any connection's own patience."""


def those(wanted: Callable[[type[Harness]], bool]) -> list[str]:
    """The kinds whose harness is so; one without a harness stays, and fails."""
    return [kind for kind in KINDS if kind not in HARNESSES or wanted(HARNESSES[kind])]


class Scene:
    """A solution with one device behind one link, and another device that has nothing to do with
    it; the intake is the real one."""

    def __init__(self, harness: Harness, entries: dict[str, Entry]) -> None:
        folder = harness.folder / "solution"
        self._write(folder, harness, entries)
        solution = load(folder)
        self.prepared, remarks = make_links(solution.links, solution.fleet.devices, solution.things)
        assert remarks == []
        series = routing.by_name(MemoryStore().declare(routing.specs(solution)))
        self._series = series["probe", "value"].id
        self._intake = routing.intake(solution, series)

    def _write(self, folder: Path, harness: Harness, entries: dict[str, Entry]) -> None:
        forms = {"forms": [harness.form]} if harness.form else {}
        context = {"@context": "https://www.w3.org/2022/wot/td/v1.1", "@type": "tm:ThingModel"}
        things = {
            "probe": {**context, "title": "P", "properties": {"value": {"type": "number", **forms}}}
        }
        things["plain"] = {**context, "title": "Q", "properties": {"value": {"type": "number"}}}
        lines = ["id,name,thing,site,dev_eui,link,address", "other,Other,plain,hall,,,"]
        for number, link in enumerate(entries):
            eui, address = (str(harness.device.get(key, "")) for key in ("dev_eui", "address"))
            if number:
                eui = eui.replace("1234", "4321")
            name = "probe" if link == LINK else f"probe-{link}"
            lines.append(f"{name},Probe,probe,hall,{eui},{link},{address}")
        links = [{"id": name, "kind": harness.kind, **entry} for name, entry in entries.items()]
        for name, content in {
            "solution.yaml": SOLUTION,
            "links.yaml": {"links": links},
            "fleet/sites.yaml": {"sites": [{"id": "hall", "name": "Hall", "zone": "UTC"}]},
            **{f"things/{name}.tm.yaml": thing for name, thing in things.items()},
        }.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(json.dumps(content))
        (folder / "fleet/devices.csv").write_text("\n".join(lines) + "\n")

    def readings(self, road: KeptRoad) -> list[float]:
        """What became of everything on the road: values of the one device and of nobody else."""
        messages = list(road.messages)
        times = [time.time_ns() // 1_000_000] * len(messages)
        topics, payloads = [one for one, _ in messages], [one for _, one in messages]
        decoded = self._intake.decode(RawBatch(topics, payloads, times))
        assert set(decoded.speakers) <= {"", "probe"}
        assert set(decoded.columns.series) <= {self._series}
        return decoded.columns.numbers

    def has(self, road: KeptRoad, value: int) -> Callable[[], bool]:
        """Whether a reading of that value has come."""
        return lambda: value in self.readings(road)


@pytest.fixture
def harness(kind: str, tmp_path: Path) -> Iterator[Harness]:
    """The kind's other side, not there yet."""
    made = HARNESSES[kind](tmp_path)
    yield made
    made.close()


class Stage:
    """Serves links of one harness, and ends them."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        self.running: list[Served] = []

    def serve(self, entry: Entry, secrets: dict[str, str] | None = None) -> tuple[Scene, Served]:
        """A link as `links.yaml` has it, in a thread of its own."""
        scene = Scene(self.harness, {LINK: entry})
        known = self.harness.secrets if secrets is None else secrets
        served = Served(scene.prepared[LINK].link, known)
        served.folder = self.harness.folder / "kept"
        self.running.append(served.start())
        return scene, served

    def stand(self) -> tuple[Scene, Served]:
        """The same, with the other side there, up and heard once."""
        self.harness.start()
        scene, served = self.serve(self.harness.entry())
        wait_for(lambda: bool(served.ups))
        self.harness.say(1)
        wait_for(scene.has(served.road, 1))
        return scene, served

    def told(self, served: Served) -> list[str]:
        """Where the loss of the other side is told."""
        return served.notes if self.harness.tells_loss_as == "notes" else served.ends


@pytest.fixture
def stage(harness: Harness) -> Iterator[Stage]:
    """Where the harness's link is served."""
    made = Stage(harness)
    yield made
    for one in made.running:
        one.close()


every_kind = pytest.mark.parametrize("kind", KINDS)


def test_every_kind_of_link_has_another_side_here() -> None:
    assert set(HARNESSES) == set(KINDS)


@every_kind
def test_what_the_other_side_says_becomes_a_reading_until_the_link_is_to_end(stage: Stage) -> None:
    scene, served = stage.stand()
    stage.harness.say(2)
    wait_for(scene.has(served.road, 2))
    served.close(LEAVES_WITHIN_S)
    assert served.ups[0].strip()
    assert (len(served.ups), served.ends) == (1, [])


@every_kind
def test_what_cannot_be_stored_is_told_and_heard_later_by_this_conversation_or_the_next(
    stage: Stage,
) -> None:
    scene, served = stage.stand()
    for value in (2, 3):
        served.road.closed = True
        before, told = len(served.road.messages), len(served.notes + served.ends)
        stage.harness.say(value)
        wait_for(lambda told=told: len(served.notes + served.ends) > told)  # type: ignore[misc]
        assert "closed by the test" in (served.notes + served.ends)[-1]
        assert len(served.road.messages) == before
        if value == 2:
            served.road.closed = False
            wait_for(scene.has(served.road, 2))
    served.close(LEAVES_WITHIN_S)
    scene, again = stage.serve(stage.harness.entry())
    wait_for(scene.has(again.road, 3))


@every_kind
def test_when_the_other_side_goes_it_is_said_where_and_when_it_is_back_all_goes_on(
    stage: Stage,
) -> None:
    scene, served = stage.stand()
    where = stage.harness.where(stage.harness.entry())
    stage.harness.stop()
    wait_for(lambda: any(where in one for one in stage.told(served)))
    stage.harness.start()
    if stage.harness.tells_loss_as == "ends":
        wait_for(lambda: len(served.ups) > 1)
    stage.harness.say(3)
    wait_for(scene.has(served.road, 3))


@every_kind
def test_another_side_that_was_never_there_is_named(stage: Stage) -> None:
    entry = stage.harness.nowhere()
    _, served = stage.serve(entry)
    wait_for(lambda: bool(stage.told(served)))
    assert stage.harness.where(entry) in stage.told(served)[0]


@pytest.mark.parametrize("kind", those(lambda one: one.has_credentials))
def test_a_wrong_password_is_told_without_showing_it(stage: Stage) -> None:
    stage.harness.start()
    _, wrong = stage.serve(stage.harness.entry(), {"password": "guess"})
    wait_for(lambda: bool(wrong.ends))
    _, unset = stage.serve(stage.harness.entry(), {})
    wait_for(lambda: bool(unset.ends))
    assert wrong.ups == unset.ups == []
    assert stage.harness.where(stage.harness.entry()) in wrong.ends[0]
    assert "guess" not in wrong.ends[0]
    assert unset.ends[0] == "The secret “password” has not been set."


@every_kind
def test_a_link_that_waits_for_an_answer_ends_when_it_is_told_to(stage: Stage) -> None:
    _, served = stage.serve(stage.harness.silent())
    assert stage.harness.ear.heard(1)
    served.close(LEAVES_WITHIN_S)


@pytest.mark.parametrize("kind", those(lambda one: one.connects))
def test_a_link_that_is_connecting_ends_when_it_is_told_to(stage: Stage) -> None:
    _, served = stage.serve(stage.harness.unreachable())
    wait_for(lambda: bool(served.up_each))
    served.stop.wait(0.2)  # nothing tells that it has begun
    served.close(LEAVES_WITHIN_S)
    assert served.ups == []


@every_kind
def test_a_link_that_does_not_stand_does_not_disturb_another(stage: Stage) -> None:
    harness = stage.harness
    harness.start()
    scene = Scene(harness, {LINK: harness.entry(), "broken": harness.broken()})
    road, journal = KeptRoad(), Notebook()
    tools = Tools(
        road,
        harness.secrets.get,
        lambda: time.time_ns() // 1_000_000,
        lambda _attempt: Denied(Kind.UNKNOWN_IDENTITY),
        journal,
        harness.folder / "kept",
    )
    linkage = Linkage(tools, partial(Backoff, 0.01, 0.05))
    try:
        linkage.change(scene.prepared)
        wait_for(lambda: linkage.states()["broken"].trouble is not None)
        wait_for(lambda: linkage.states()[LINK].up)
        for value in (1, 2):
            harness.say(value)
            wait_for(scene.has(road, value))
        good, bad = linkage.states()[LINK], linkage.states()["broken"]
        assert (good.up, good.trouble, good.reconnects) == (True, None, 0)
        assert (bad.up, bad.messages) == (False, 0)
        again: dict[str, Prepared] = {LINK: scene.prepared[LINK]}
        linkage.change(again)
        harness.say(3)
        wait_for(scene.has(road, 3))
        assert linkage.states()[LINK].reconnects == 0
    finally:
        linkage.stop()


@pytest.mark.parametrize("kind", those(lambda one: one.can_lie))
def test_a_lie_speaks_for_nobody_else_and_stops_nothing(stage: Stage) -> None:
    scene, served = stage.stand()
    stage.harness.lie()
    stage.harness.say(2)
    wait_for(scene.has(served.road, 2))
    assert set(scene.readings(served.road)) <= {0, 1, 2, 20}
    assert served.ends == []


NOISE = random.Random(7).randbytes(300)


@every_kind
def test_an_answer_that_is_none_ends_the_conversation_or_is_passed_over(stage: Stage) -> None:
    for says in (*stage.harness.hostile, NOISE, b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0" * 64):
        stage.harness.ear = Ear()
        _, served = stage.serve(stage.harness.talking(says))
        assert stage.harness.ear.heard(1)
        stage.harness.ear.heard(3, 0.3)  # or it was passed over
        served.close(LEAVES_WITHIN_S)
        assert served.road.messages == []
