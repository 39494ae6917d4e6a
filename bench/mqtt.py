"""The few MQTT 3.1.1 frames a device needs to report with QoS 1, on plain sockets."""

from __future__ import annotations

import contextlib
import socket
import struct

PUBACK_SIZE = 4
_CONNECT, _PUBACK, _PUBLISH_QOS1, _DUPLICATE, _DISCONNECT = 0x10, 0x40, 0x32, 0x08, b"\xe0\x00"
_USER_AND_PASSWORD, _CLEAN_SESSION = 0xC0, 0x02


class Refused(ConnectionError):  # noqa: N818 - an answer, not a failure of ours
    """The broker did not accept the connection; the text holds its return code."""


def connect(
    host: str, port: int, client: str, password: str, timeout_s: float = 10.0
) -> socket.socket:
    """A connected session; `client` is client id and user name. Raises OSError, Refused."""
    sock = socket.create_connection((host, port), timeout=timeout_s)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        flags = bytes([_USER_AND_PASSWORD | _CLEAN_SESSION])
        body = _string(b"MQTT") + b"\x04" + flags + struct.pack(">H", 0)
        body += _string(client.encode()) + _string(client.encode()) + _string(password.encode())
        sock.sendall(bytes([_CONNECT]) + _length(len(body)) + body)
        answer = _exactly(sock, 4)
    except BaseException:
        sock.close()
        raise
    if answer[:2] != b"\x20\x02" or answer[3]:
        sock.close()
        raise Refused(answer.hex())
    return sock


def publish(topic: bytes, packet_id: int, payload: bytes, *, again: bool = False) -> bytes:
    """A PUBLISH of QoS 1; `again` marks one that was sent before and not acknowledged."""
    body = _string(topic) + struct.pack(">H", packet_id) + payload
    first = _PUBLISH_QOS1 | (_DUPLICATE if again else 0)
    return bytes([first]) + _length(len(body)) + body


def disconnect(sock: socket.socket) -> None:
    """Say good-bye and close."""
    with contextlib.suppress(OSError):
        sock.sendall(_DISCONNECT)
    sock.close()


def acknowledged(data: bytes) -> list[int]:
    """The packet ids of a row of whole PUBACK frames. Raises ValueError for anything else."""
    ids = []
    for start in range(0, len(data), PUBACK_SIZE):
        frame = data[start : start + PUBACK_SIZE]
        if len(frame) < PUBACK_SIZE or frame[0] != _PUBACK or frame[1] != 2:
            raise ValueError(f"not a PUBACK: {frame.hex()}")
        ids.append(frame[2] << 8 | frame[3])
    return ids


def _exactly(sock: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = sock.recv(size - len(data))
        if not piece:
            raise ConnectionResetError("the broker closed the connection")
        data += piece
    return data


def _string(text: bytes) -> bytes:
    return struct.pack(">H", len(text)) + text


def _length(size: int) -> bytes:
    """MQTT's variable-length integer."""
    encoded = b""
    while True:
        size, digit = divmod(size, 128) if size > 127 else (0, size)
        encoded += bytes([digit | (0x80 if size else 0)])
        if not size:
            return encoded
