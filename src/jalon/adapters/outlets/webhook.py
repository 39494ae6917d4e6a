"""Calls to web services: to public addresses over https only, unless the operator says that the
service is private; to the very address that was looked at, without redirects, within bounds of time
and size.

Signatures are those of Standard Webhooks (HMAC-SHA-256 of id, time and body), so that receivers
find a library that checks them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from jalon.run.notices.delivery import Undelivered
from jalon.vocab.text import N_, Text

TIMEOUT_S = 10.0
"""For each step: connect, write, read."""
WHOLE_S = 30.0
"""For everything together."""
MAX_ANSWER = 65_536
_MOST_ADDRESSES = 4
_LATER = frozenset({401, 403, 407, 408, 421, 423, 425, 429})
"""What the operator, or time, can mend; other 4xx mean that this message will never be taken."""
_LOCAL_NETS = tuple(
    ipaddress.ip_network(net)
    for net in ("127.0.0.0/8", "::1", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
)
_LAST_32_BITS = tuple(ipaddress.ip_network(net) for net in ("64:ff9b::/96", "::/96"))
"""Where IPv4 is translated (NAT64), and what was once compatible with it."""
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent. `private` lets it go to this machine and the local network, and over http;
    `ca` is a file of authorities to trust instead of the system's; `most` bytes are read of the
    answer."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    private: bool = False
    ca: str | None = None
    most: int = MAX_ANSWER


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: as much of the body as was asked for, and header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def signed(key: str, body: bytes, secret: str, now_s: int) -> dict[str, str]:
    """Headers that prove who sends the body. `key` makes a retry known as one. A secret that begins
    with `whsec_` is base64 after it, any other is taken as it is."""
    given = secret.strip()
    try:
        raw = base64.b64decode(given.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if not raw or not given.startswith("whsec_"):
        raw = given.encode()
    content = f"{key}.{now_s}.".encode() + body
    digest = base64.b64encode(hmac.digest(raw, content, hashlib.sha256)).decode()
    return {
        "webhook-id": key,
        "webhook-timestamp": str(now_s),
        "webhook-signature": f"v1,{digest}",
        "idempotency-key": key,
    }


def send(request: Request) -> Answer:
    """Send it, and require that it was taken. Raises Undelivered."""
    answer = ask(request)
    judge(answer, urlsplit(request.url).hostname or "")
    return answer


def judge(answer: Answer, host: str) -> None:
    """Raises Undelivered unless the answer is one of success."""
    status = answer.status
    if 200 <= status < 300:
        return
    said = answer.body[:200].decode("utf-8", "replace").strip()
    told = {"host": host, "status": status, "said": said}
    if 300 <= status < 400:
        message = N_("{host} sends us elsewhere ({status}): write the final address.")
        raise Undelivered(Text(message, told), whole=True)
    text = Text(N_("{host} answers {status}: {said}"), told)
    if status in _LATER or status >= 500:
        later = _retry_after_s(answer.headers.get("retry-after", ""))
        raise Undelivered(text, whole=True, retry_after_s=later)
    raise Undelivered(text, permanent=True)


def _retry_after_s(text: str) -> float | None:
    if text.strip().isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def ask(request: Request) -> Answer:
    """Send it; whatever the answer is. Raises Undelivered when there is none."""
    url = urlsplit(request.url)
    host = url.hostname or ""
    try:
        port = url.port or (443 if url.scheme == "https" else 80)
        host = host.encode("idna").decode() if not host.isascii() else host
    except ValueError as error:
        raise _broken(host, error) from error
    if url.scheme != "https" and not (request.private and url.scheme == "http"):
        message = N_("{host} is called without encryption: only a private service may be.")
        raise Undelivered(Text(message, {"host": host}), whole=True)
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    if not all("!" <= char <= "~" for char in target):
        # Not left to the library, which repeats the address: it may be a secret.
        raise _broken(host, ValueError("a character that no address has"))
    try:
        connection = _connection(host, port, url.scheme == "https", request)
        return _exchange(connection, target, request)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _broken(host, error) from error


def _broken(host: str, error: Exception) -> Undelivered:
    said = str(error) or type(error).__name__
    return Undelivered(
        Text(N_("{host} cannot be reached: {error}"), {"host": host, "error": said}), whole=True
    )


def _exchange(connection: http.client.HTTPConnection, target: str, request: Request) -> Answer:
    headers = {"user-agent": "Jalon", "accept": "*/*", "connection": "close", **request.headers}
    watch = threading.Timer(WHOLE_S, _cut, [connection])
    watch.daemon = True
    watch.start()
    try:
        body = request.body if request.method != "GET" else None
        connection.request(request.method, target, body, headers)
        response = connection.getresponse()
        content = response.read(request.most)
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, content)
    finally:
        watch.cancel()
        connection.close()


def _cut(connection: http.client.HTTPConnection) -> None:
    """End a conversation that drips on; who reads gets an OSError or the end."""
    if connection.sock is not None:
        try:
            connection.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


def _connection(host: str, port: int, secure: bool, request: Request) -> http.client.HTTPConnection:
    plain = _dial(host, port, request.private)
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
    if secure:
        try:
            plain = ssl.create_default_context(cafile=request.ca).wrap_socket(
                plain, server_hostname=host
            )
        except OSError:
            plain.close()
            raise
        connection.default_port = 443
    connection.sock = plain
    return connection


def _dial(host: str, port: int, private: bool) -> socket.socket:
    """A connection to an address that was looked at: a name cannot lead elsewhere meanwhile."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    failed: OSError | None = None
    for family, kind, protocol, _, address in found[:_MOST_ADDRESSES]:
        if not may_call(ipaddress.ip_address(str(address[0]).partition("%")[0]), private):
            continue
        plain = socket.socket(family, kind, protocol)
        plain.settimeout(TIMEOUT_S)
        try:
            plain.connect(address)
        except OSError as error:
            plain.close()
            failed = error
        else:
            return plain
    if failed is not None:
        raise failed
    message = N_("{host} is in the local network: only an outlet with “private: true” goes there.")
    if private:
        message = N_("{host} has no address that may be called.")
    raise Undelivered(Text(message, {"host": host}), whole=True)


def may_call(address: _Address, private: bool) -> bool:
    """Whether an address may be called: public ones always, those of this machine and of local
    networks when the service is private, all others (such as those by which clouds tell machines
    their keys, 169.254.0.0/16) never."""
    plain: _Address = _inner(address) or address
    if any(plain.version == net.version and plain in net for net in _LOCAL_NETS):
        return private
    site_local = isinstance(plain, ipaddress.IPv6Address) and plain.is_site_local
    return plain.is_global and not plain.is_multicast and not site_local


def _inner(address: _Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that is written in an IPv6 one: whoever translates goes there."""
    if not isinstance(address, ipaddress.IPv6Address) or address.is_loopback:
        return None
    if any(address in net for net in _LAST_32_BITS):
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour
