"""What `links.yaml` says of a link to another MQTT broker."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from jalon.adapters.links.mqtt_broker.codec import is_filter
from jalon.adapters.mqtt_peer import MqttPeerSettings, PeerTls
from jalon.adapters.peers import is_loopback
from jalon.vocab.entries import refusal
from jalon.vocab.text import N_, Text


def _filter(text: str) -> str:
    if not is_filter(text):
        message = N_("“{filter}” is no MQTT topic filter, such as plant/+/state or plant/#.")
        raise refusal(Text(message, {"filter": text}))
    return text


Filter = Annotated[str, AfterValidator(_filter)]


class Tls(PeerTls):
    """How the other broker is trusted, and how we prove who we are. TLS 1.2 and 1.3 only."""

    insecure: bool = Field(
        default=False, description="Trust any certificate; only for a broker on this machine."
    )


class Settings(MqttPeerSettings):
    """Another MQTT broker."""

    kind: Literal["mqtt"] = Field(description="An existing MQTT broker.")
    tls: Tls | None = Field(default=None, description="Encrypts the connection; {} is enough.")
    topics: list[Filter] = Field(
        default_factory=list,
        description="Topic filters to read; the topics of the link's devices when there are none.",
    )
    discovery: list[Filter] = Field(
        default_factory=list,
        description="Topic filters of announcements, such as homeassistant/#; retained ones too.",
    )
    share: str | None = Field(
        default=None,
        pattern=r"^[^/+#\s]{1,64}$",
        description="Group of a shared subscription: each message goes to one of its readers.",
    )
    session_s: int = Field(
        default=86_400,
        ge=0,
        le=0xFFFFFFFF,
        description="How long the broker keeps what we have not read while we are away, seconds.",
    )
    receive_maximum: int = Field(
        default=2000,
        ge=1,
        le=65535,
        description="How many messages may be on their way to us unacknowledged.",
    )

    @model_validator(mode="after")
    def _insecure_here_only(self) -> Self:
        if self.tls is not None and self.tls.insecure and not is_loopback(self.host):
            message = N_("`insecure` is for a broker on this machine; give its `ca` instead.")
            raise refusal(Text(message))
        return self
