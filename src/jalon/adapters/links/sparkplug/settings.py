"""What `links.yaml` says of a link to Sparkplug edge nodes."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import PurePath
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from jalon.run.links import LinkSettings
from jalon.vocab.entries import Strict, refusal
from jalon.vocab.text import N_, Text


def _path(text: str) -> str:
    if not PurePath(text).is_absolute():
        message = N_("Write the whole path, from the root: /etc/ssl/plant-ca.pem.")
        raise refusal(Text(message))
    return text


FilePath = Annotated[str, AfterValidator(_path)]
Level = Annotated[str, Field(pattern=r"^[^/+#\x00]{1,128}$")]


class Tls(Strict):
    """How the broker is trusted, and how we prove who we are. TLS 1.2 and 1.3 only."""

    ca: FilePath | None = Field(
        default=None, description="File of the authorities to trust; the system's without it."
    )
    certificate: FilePath | None = Field(
        default=None, description="File of our certificate, when the broker asks for one."
    )
    key: FilePath | None = Field(default=None, description="File of the certificate's key.")


class Settings(LinkSettings):
    """The MQTT broker where Sparkplug B edge nodes speak."""

    kind: Literal["sparkplug"] = Field(description="Sparkplug B edge nodes and their devices.")
    host: str = Field(min_length=1, description="Name or address of their broker.")
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
    groups: list[Level] = Field(
        default_factory=list,
        description="Groups to listen to; those of the link's devices when there are none.",
    )
    host_id: Level | None = Field(
        default=None,
        description="Name under which we say that we are there (STATE), for nodes that wait for"
        " their primary host.",
    )
    client_id: str | None = Field(
        default=None,
        min_length=1,
        max_length=64,
        description="Name of our session there; `jalon-` and the link's id when not given.",
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
    def _safe(self) -> Self:
        if self.tls is None and not self.unencrypted and not _is_loopback(self.host):
            message = N_(
                "Add `tls: {{}}` to encrypt the connection to {host}, or `unencrypted: true` to"
                " accept that everybody on the way can read it and speak in its name."
            )
            raise refusal(Text(message, {"host": self.host}))
        if self.tls is not None and (self.tls.certificate is None) != (self.tls.key is None):
            raise refusal(Text(N_("A certificate needs its key, and a key its certificate.")))
        if self.password is not None and self.user is None:
            raise refusal(Text(N_("A password needs its user.")))
        return self


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
