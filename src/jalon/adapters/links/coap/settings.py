"""What `links.yaml` says of a link over CoAP."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from jalon.run.links import LinkSettings


class Settings(LinkSettings):
    """Devices that speak CoAP (RFC 7252)."""

    kind: Literal["coap"] = Field(description="Devices that speak CoAP.")
    listen: str | None = Field(
        default="127.0.0.1",
        description="Address at which devices reach us, as 0.0.0.0 or ::; null to only observe.",
    )
    port: int = Field(default=5683, ge=1, le=65535, description="UDP port; that of DTLS is next.")
    dtls: bool = Field(
        default=False, description="Also take CoAP over DTLS with a key for each device (coaps)."
    )
    algorithm: Literal["AES-CCM-16-64-128", "AES-CCM-16-128-128", "AES-CCM-16-128-256"] = Field(
        default="AES-CCM-16-64-128",
        description="What OSCORE protects messages with; the first is what every device has.",
    )
    unencrypted: bool = Field(
        default=False,
        description="Accept that devices on other machines are observed without protection.",
    )
    poll_s: float = Field(
        default=60.0, ge=1, description="How often to ask a device that cannot be observed."
    )
