"""Encryption of what leaves this machine: which files, which suites, and whom to believe here.

Suites and versions follow ANSSI's recommendations for TLS (SDE-NT-35, 2020): TLS 1.3, or 1.2 with
forward secrecy and authenticated encryption; nothing else is spoken.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path

from jalon.adapters.peers import is_loopback as is_loopback  # for the pages and commands too
from jalon.adapters.pki.authority import Authority, ServerFiles
from jalon.app.local import data_folder

SUITES_1_2 = (
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
)
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def authority(folder: Path, now_ms: Callable[[], int]) -> Authority:
    """The solution's own authority, made on first use."""
    return Authority.open(pki_folder(folder), folder.resolve().name, now_ms)


def pki_folder(folder: Path) -> Path:
    """Where the authority and the server's certificate are."""
    return data_folder(folder) / "pki"


def server_names(host: str, more: Sequence[str] = ()) -> list[str]:
    """What devices may call this server: what it was told to listen on, its own name, the names
    given beside, and this machine's loopback."""
    anywhere = host in ("0.0.0.0", "::")  # noqa: S104 - compared, not bound
    own = [socket.gethostname()] if anywhere else [host]
    return list(dict.fromkeys((*more, *own, *_LOOPBACK)))


def server_context(files: ServerFiles) -> ssl.SSLContext:
    """For a server of this process."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(":".join(SUITES_1_2))
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
    context.load_cert_chain(files.certificate, files.key)
    return context


def local_trust(folder: Path) -> ssl.SSLContext:
    """For this machine's commands, which believe the solution's own authority only."""
    return ssl.create_default_context(cafile=pki_folder(folder) / "ca.pem")
