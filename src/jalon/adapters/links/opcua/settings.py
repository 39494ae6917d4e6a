"""What `links.yaml` says of an OPC UA link."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from jalon.adapters.peers import FilePath, is_loopback
from jalon.run.links import LinkSettings
from jalon.vocab.entries import refusal
from jalon.vocab.text import N_, Text


def _endpoint(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "opc.tcp" or not parts.hostname or parts.username or parts.password:
        message = N_("Write the endpoint as opc.tcp://192.168.10.30:4840, without a password.")
        raise refusal(Text(message))
    return url


def _plain_fingerprint(value: object) -> object:
    return re.sub("[: -]", "", value).lower() if isinstance(value, str) else value


Fingerprint = Annotated[str, Field(pattern="^[0-9a-f]{64}$"), BeforeValidator(_plain_fingerprint)]


class Settings(LinkSettings):
    """A server of OPC UA, whose variables are heard by subscription. The link never writes."""

    kind: Literal["opcua"] = Field(description="An OPC UA server.")
    url: Annotated[str, AfterValidator(_endpoint)] = Field(
        description="Its endpoint, as opc.tcp://192.168.10.30:4840."
    )
    policy: Literal["none", "Basic256Sha256", "Aes128Sha256RsaOaep", "Aes256Sha256RsaPss"] = Field(
        default="Basic256Sha256", description="Security policy."
    )
    mode: Literal["sign", "sign-and-encrypt"] = Field(
        default="sign-and-encrypt", description="Whether messages are encrypted or only signed."
    )
    insecure: bool = Field(
        default=False,
        description="Accept the policy `none` with a server on another machine.",
    )
    certificate: FilePath | None = Field(
        default=None, description="File of our certificate (PEM or DER), for every policy but none."
    )
    key: FilePath | None = Field(default=None, description="File of the certificate's key.")
    key_password: str | None = Field(
        default=None, description="Name of the secret that opens the key."
    )
    server_fingerprint: Fingerprint | None = Field(
        default=None,
        description="SHA-256 of the server's certificate; the link tells it when it is not given.",
    )
    user: str | None = Field(default=None, description="User name there; anonymous without one.")
    password: str | None = Field(
        default=None, description="Name of the secret that holds the password."
    )
    namespace: str | None = Field(
        default=None, description="URI of the namespace of node ids and names that say none."
    )
    sampling_ms: float = Field(
        default=1000, ge=0, description="How often the server looks; `jalon:samplingMs` wins."
    )
    publishing_ms: float = Field(
        default=1000, ge=50, description="How often the server tells what it has seen."
    )
    queue: int = Field(
        default=10, ge=1, le=10_000, description="Values kept for us between two tellings."
    )
    repeat_s: float = Field(
        default=300,
        ge=0,
        description="A value that did not change is written again after this long; 0 never.",
    )
    timeout_s: float = Field(default=4, gt=0, le=60, description="How long an answer may take.")

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if self.policy == "none":
            host = urlsplit(self.url).hostname or ""
            if not self.insecure and not is_loopback(host):
                message = N_(
                    "With the policy `none` everybody on the way can read and change what"
                    " {host} says; take another one, or add `insecure: true` to accept that."
                )
                raise refusal(Text(message, {"host": host}))
        elif self.certificate is None or self.key is None:
            message = N_("The policy {policy} needs `certificate` and `key`, files of ours.")
            raise refusal(Text(message, {"policy": self.policy}))
        return self
