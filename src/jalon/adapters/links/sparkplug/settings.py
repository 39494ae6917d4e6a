"""What `links.yaml` says of a link to Sparkplug edge nodes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from jalon.adapters.mqtt_peer import MqttPeerSettings

Level = Annotated[str, Field(pattern=r"^[^/+#\x00]{1,128}$")]


class Settings(MqttPeerSettings):
    """The MQTT broker where Sparkplug B edge nodes speak."""

    kind: Literal["sparkplug"] = Field(description="Sparkplug B edge nodes and their devices.")
    groups: list[Level] = Field(
        default_factory=list,
        description="Groups to listen to; those of the link's devices when there are none.",
    )
    host_id: Level | None = Field(
        default=None,
        description="Name under which we say that we are there (STATE), for nodes that wait for"
        " their primary host.",
    )
