"""What `links.yaml` says of a link to another MQTT broker."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import PurePath
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from jalon.adapters.links.mqtt_broker.codec import is_filter
from jalon.run.links import LinkSettings
from jalon.vocab.entries import Strict, refusal
from jalon.vocab.text import N_, Text


def _filter(text: str) -> str:
    if not is_filter(text):
        message = N_("“{filter}” is no MQTT topic filter, such as plant/+/state or plant/#.")
        raise refusal(Text(message, {"filter": text}))
    return text


def _path(text: str) -> str:
    if not PurePath(text).is_absolute():
        message = N_("Write the whole path, from the root: /etc/ssl/plant-ca.pem.")
        raise refusal(Text(message))
    return text


Filter = Annotated[str, AfterValidator(_filter)]
FilePath = Annotated[str, AfterValidator(_path)]


class Tls(Strict):
    """How the other broker is trusted, and how we prove who we are. TLS 1.2 and 1.3 only."""

    ca: FilePath | None = Field(
        default=None, description="File of the authorities to trust; the system's without it."
    )
    certificate: FilePath | None = Field(
        default=None, description="File of our certificate, when the broker asks for one."
    )
    key: FilePath | None = Field(default=None, description="File of the certificate's key.")
    insecure: bool = Field(
        default=False, description="Trust any certificate; only for a broker on this machine."
    )


class Settings(LinkSettings):
    """Another MQTT broker."""

    kind: Literal["mqtt"] = Field(description="An existing MQTT broker.")
    host: str = Field(min_length=1, description="Its name or address.")
    port: int | None = Field(
        default=None, ge=1, le=65535, description="8883 with `tls`, 1883 without, when not given."
    )
    tls: Tls | None = Field(default=None, description="Encrypts the connection; {} is enough.")
    unencrypted: bool = Field(
        default=False,
        description="Accept that a broker on another machine is spoken to without encryption.",
    )
    user: str | None = Field(default=None, description="User name there.")
    password: str | None = Field(
        default=None, description="Name of the secret that holds the password."
    )
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
    client_id: str | None = Field(
        default=None,
        min_length=1,
        max_length=64,
        description="Name of our session there; `jalon-` and the link's id when not given.",
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

    @property
    def at(self) -> int:
        """The port to connect to."""
        return self.port or (1883 if self.tls is None else 8883)

    @property
    def session(self) -> str:
        """The client id."""
        return self.client_id or f"jalon-{self.id}"

    @model_validator(mode="after")
    def _safe(self) -> Settings:
        if self.tls is None and not self.unencrypted and not is_loopback(self.host):
            message = N_(
                "Add `tls: {{}}` to encrypt the connection to {host}, or `unencrypted: true` to"
                " accept that everybody on the way can read it and speak in its name."
            )
            raise refusal(Text(message, {"host": self.host}))
        if self.tls is not None and self.tls.insecure and not is_loopback(self.host):
            message = N_("`insecure` is for a broker on this machine; give its `ca` instead.")
            raise refusal(Text(message))
        if self.tls is not None and (self.tls.certificate is None) != (self.tls.key is None):
            raise refusal(Text(N_("A certificate needs its key, and a key its certificate.")))
        if self.password is not None and self.user is None:
            raise refusal(Text(N_("A password needs its user.")))
        return self


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
