"""A campaign over a real broker: twenty virtual devices, some of which lose power or fail, and a
service that is killed on the way."""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import paho.mqtt.client as mqtt
import pytest
from entrance import EAR, entrance
from notebook import Notebook
from paho.mqtt.enums import CallbackAPIVersion
from update_town import FILE, make_folder, signed
from waiting import wait_for

from jalon.adapters.broker.server import Broker
from jalon.adapters.broker.settings import BrokerSettings
from jalon.adapters.stores.registry import Registry, open_sqlite
from jalon.app.accounts import REGISTRY_FILE
from jalon.app.clock import now_ms
from jalon.app.ground import Ground
from jalon.app.local import Endpoint
from jalon.app.simulate import Plan, simulate
from jalon.app.solution import Solution
from jalon.app.updates.desk import Act, Wish
from jalon.app.updates.service import Updates
from jalon.run import answers
from jalon.run.control import ProgressHeard
from jalon.run.fleet import Device
from jalon.run.virtual.updating import Flaws

PLAN = {
    "id": "story",
    "stages": [{"devices": 2}, {"percent": 100}],
    "abort": {"percent": 60},
    "tries": 1,
    "healthy_min": 2,
}
FLAWS = Flaws(fail=0.15, power_loss=0.4, install_s=0.1, reboot_s=0.1, dark_s=0.3, ask_again_s=0.7)


class Machine:
    """The machine that runs the solution: its service may be killed and begun anew. What devices
    say waits meanwhile, as it does in the durable stream."""

    def __init__(self, solution: Solution, port: int) -> None:
        self._solution = solution
        self._said: queue.Queue[tuple[str, bytes] | None] = queue.Queue()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="machine")
        self._client.username_pw_set(EAR, EAR)
        self._client.on_message = lambda _c, _d, m: self._said.put((m.topic, bytes(m.payload)))
        ready = threading.Event()
        self._client.on_subscribe = lambda *_: ready.set()
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self._client.subscribe([("v1/+/update/get", 1), ("v1/+/update/status", 1)])
        assert ready.wait(20)
        self._alive = threading.Lock()
        self._registry: Registry
        self.updates: Updates
        self._open()
        self._pump = threading.Thread(target=self._take_in)
        self._pump.start()

    def _open(self) -> None:
        self._registry = open_sqlite(self._solution.folder / REGISTRY_FILE)
        ground = Ground(
            self._registry, lambda: self._solution, now_ms, Notebook(), self._solution.folder
        )
        self.updates = Updates(ground, self._carry)
        self.updates.start()

    def kill(self) -> None:
        """The service ends wherever it is, and begins with what is on the disk."""
        with self._alive:
            self.updates.stop()
            self._registry.close()
            self._open()

    def close(self) -> None:
        """All of it ends."""
        self._said.put(None)
        self._pump.join(20)
        self.updates.stop()
        self._registry.close()
        self._client.disconnect()
        self._client.loop_stop()

    def states(self, campaign: int) -> Counter[str]:
        """Devices by state."""
        with self._alive:
            targets = self.updates.world.campaigns.targets(campaign)
        return Counter(one.state for one in targets)

    def state(self, campaign: int) -> str:
        """Of the campaign."""
        with self._alive:
            return self.updates.world.campaign(campaign).state

    def _carry(self, device: Device, leaf: str, payload: bytes, retain: bool) -> None:
        sent = self._client.publish(f"v1/{device.id}/{leaf}", payload, qos=1, retain=retain)
        sent.wait_for_publish(20)

    def _take_in(self) -> None:
        while (said := self._said.get()) is not None:
            topic, payload = said
            heard = answers.read(topic, orjson.loads(payload))
            with self._alive:
                if isinstance(heard, answers.ChunkWanted):
                    self.updates.chunk_wanted(heard)
                    continue
                due = answers.stamped(heard, now_ms())
                assert isinstance(due, ProgressHeard)
                with self._registry.work():
                    self.updates.carry_out(due)


class Quiet:
    """Watches the virtual devices without a word."""

    def __init__(self) -> None:
        self.over = threading.Event()

    def history(self, done: float) -> None:
        """Nothing."""

    def caught_up(self, devices: int, messages: int) -> None:
        """Nothing."""

    def stopped(self) -> bool:
        """When told."""
        return self.over.is_set()


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Callable[[Flaws], Machine]]:
    """A broker, virtual devices with these flaws, and the machine."""
    solution = make_folder(tmp_path / "cold", 20, [PLAN])
    broker = Broker.start(BrokerSettings(tmp_path / "broker", mqtt_port=0), entrance(solution))
    watch = Quiet()
    begun: list[Machine] = []
    threads: list[threading.Thread] = []

    def begin(flaws: Flaws) -> Machine:
        begun.append(Machine(solution, broker.mqtt_port))
        at = Endpoint("127.0.0.1", broker.mqtt_port)
        plan = Plan(flaws=flaws)
        thread = threading.Thread(target=simulate, args=(solution, at, plan, watch, now_ms))
        thread.start()
        threads.append(thread)
        return begun[-1]

    yield begin
    watch.over.set()
    for thread in threads:
        thread.join(30)
    for machine in begun:
        machine.close()
    broker.stop()


def test_a_campaign_goes_on_after_kills_and_power_cuts_and_can_be_undone(
    town: Callable[[Flaws], Machine],
) -> None:
    machine = town(FLAWS)
    wait_for(lambda: len(machine.updates.all_versions()) == 21, 90)
    first = machine.updates.desk.add(signed(version="1.0.0"), FILE, "ada")
    content = FILE + b"new"
    package = machine.updates.desk.add(signed(content), content, "ada")
    campaign = machine.updates.desk.create(Wish(package=package.id, plan="story"), "ada")
    machine.updates.desk.act(campaign, Act.START, "bob")
    wait_for(lambda: machine.states(campaign)["pending"] <= 18, 60)
    machine.kill()
    wait_for(lambda: machine.states(campaign)["pending"] == 0, 90)
    machine.kill()
    wait_for(lambda: machine.state(campaign) == "completed", 120)
    states = machine.states(campaign)
    bad = states["failed"] + states["rolled-back"]
    assert states["updated"] + bad == 20
    assert 0 < bad < 10
    runs = Counter(one["firmware"] for one in machine.updates.all_versions().values())
    assert runs["2.0.0"] == states["updated"]

    machine.updates.desk.act(campaign, Act.ROLLBACK, "bob")
    wait_for(lambda: machine.state(campaign) == "rolled-back", 120)
    runs = Counter(one["firmware"] for one in machine.updates.all_versions().values())
    assert runs == {first.version: 21}


def test_a_campaign_that_goes_wrong_stops_before_it_reaches_the_fleet(
    town: Callable[[Flaws], Machine],
) -> None:
    machine = town(Flaws(fail=1, install_s=0.1, reboot_s=0.1, dark_s=0.2, ask_again_s=0.7))
    wait_for(lambda: len(machine.updates.all_versions()) == 21, 90)
    package = machine.updates.desk.add(signed(), FILE, "ada")
    campaign = machine.updates.desk.create(Wish(package=package.id, plan="story"), "ada")
    machine.updates.desk.act(campaign, Act.START, "bob")
    wait_for(lambda: machine.state(campaign) == "aborted", 90)
    states = machine.states(campaign)
    assert states["withdrawn"] == 18
    assert states["failed"] + states["rolled-back"] == 2
