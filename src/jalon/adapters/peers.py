"""What a link must know of the system at its other end, whatever it speaks: whether it is on this
machine, and which files and secrets it needs."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import PurePath
from typing import Annotated

from pydantic import AfterValidator

from jalon.run.links import Host, LinkDown
from jalon.vocab.entries import refusal
from jalon.vocab.text import N_, Text


def _path(text: str) -> str:
    if not PurePath(text).is_absolute():
        message = N_("Write the whole path, from the root: /etc/ssl/plant-ca.pem.")
        raise refusal(Text(message))
    return text


FilePath = Annotated[str, AfterValidator(_path)]
"""A file outside the solution's folder, such as a key."""


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        found = ip_address(host.partition("%")[0].removeprefix("::ffff:"))
    except ValueError:
        return host == "localhost"
    return found.is_loopback


def secret(host: Host, name: str | None) -> str | None:
    """A secret that the settings name, None when they name none. Raises LinkDown when it has not
    been set."""
    if name is None:
        return None
    found = host.secret(name)
    if found is None:
        raise LinkDown(Text(N_("The secret “{name}” has not been set."), {"name": name}))
    return found
