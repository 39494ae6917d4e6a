"""Devices of another broker are told something through its link."""

from __future__ import annotations

import pytest
from mosquittos import Mosquitto
from roads import Served
from waiting import wait_for

from jalon.adapters.links.mqtt_broker.link import MqttLink, Settings, make
from jalon.run.links import LinkAway


def link_to(port: int) -> MqttLink:
    said = {"id": "plant", "kind": "mqtt", "host": "127.0.0.1", "port": port, "topics": ["hall/#"]}
    return make(Settings.model_validate(said), ())


def test_what_is_sent_is_with_the_other_broker_on_return(mosquitto: Mosquitto) -> None:
    link = link_to(mosquitto.port)
    with pytest.raises(LinkAway):
        link.send("hall/lamp/set", b"ON")
    served = Served(link, {}).start()
    try:
        wait_for(lambda: bool(served.ups))
        wait_for(link.stands)
        for number in range(20):
            link.send("hall/lamp/set", b"%d" % number)
        wait_for(lambda: len(served.road.messages) == 20)
        heard = [(topic, int(payload)) for topic, payload in served.road.messages]
        assert heard == [("ext/plant/hall/lamp/set", number) for number in range(20)]
    finally:
        served.close()
    with pytest.raises(LinkAway):
        link.send("hall/lamp/set", b"OFF")
