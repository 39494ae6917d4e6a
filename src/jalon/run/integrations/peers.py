"""Other systems: where they are, how they are trusted, as whom we speak to them."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import PurePath
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from jalon.vocab.entries import Strict, refusal
from jalon.vocab.text import N_, Text

SecretName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$")]
Url = Annotated[str, Field(pattern=r"^https?://[^\s/?#@{}]+(?:[/?][^\s#]*)?$", max_length=2000)]


def _path(text: str) -> str:
    if not PurePath(text).is_absolute():
        raise refusal(Text(N_("Write the whole path, from the root: /etc/ssl/plant-ca.pem.")))
    return text


CaFile = Annotated[str, AfterValidator(_path)]


def is_near(host: str) -> bool:
    """Whether a host, with or without its port, is this machine."""
    name = host.rpartition(":")[0] if host.count(":") == 1 or "]:" in host else host
    try:
        return ip_address((name or host).strip("[]")).is_loopback
    except ValueError:
        return (name or host) == "localhost"


class Peer(Strict):
    """A server of another system. Away from this machine it is spoken to encrypted, and has to
    prove who it is."""

    host: str = Field(min_length=1, max_length=253, description="Name or address of the server.")
    password: SecretName | None = Field(
        default=None, description="Name of the secret that holds the password."
    )
    tls: bool | None = Field(
        default=None, description="Encrypt the connection; only this machine does without."
    )
    ca: CaFile | None = Field(
        default=None, description="File of the authority to trust; the system's without it."
    )
    unencrypted: bool = Field(
        default=False,
        description="Accept that a server on another machine is spoken to without encryption.",
    )

    @property
    def encrypted(self) -> bool:
        """Whether TLS is spoken."""
        if self.tls is None:
            return self.ca is not None or not (is_near(self.host) or self.unencrypted)
        return self.tls

    @model_validator(mode="after")
    def _safe(self) -> Self:
        self.require_encryption(self.host, encrypted=self.encrypted or self.unencrypted)
        return self

    @staticmethod
    def require_encryption(host: str, *, encrypted: bool) -> None:
        """Refuse what everybody on the way could read."""
        if not encrypted and not is_near(host):
            message = N_(
                "The connection to {host} would not be encrypted. Encrypt it, or write"
                " `unencrypted: true` to accept that everybody on the way can read it."
            )
            raise refusal(Text(message, {"host": host}))


class Broker(Peer):
    """Another MQTT broker."""

    port: int | None = Field(
        default=None, ge=1, le=65535, description="8883 with TLS, 1883 without, when not given."
    )
    user: str | None = Field(default=None, max_length=200, description="User name there.")

    @property
    def at(self) -> int:
        """The port to connect to."""
        return self.port or (8883 if self.encrypted else 1883)

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.password is not None and self.user is None:
            raise refusal(Text(N_("A password needs its user.")))
        return self
