"""How the client speaks to Jalon: JSON over HTTP with a token, tried again where that is safe."""

from __future__ import annotations

import json
import ssl
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import NamedTuple
from urllib.parse import quote, urlencode, urlsplit

TRIES = 4
_PAUSE_S, _LONGEST_S = 0.5, 30.0
_AGAIN = frozenset({429, 502, 503, 504})
_CHUNK = 64 * 1024
_STREAM_S = 60.0

Query = Mapping[str, object]


class ApiError(Exception):
    """Jalon refused: `status` is that of HTTP (0 when it was not reached), `detail` says why."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(f"{status} {title}: {detail}" if status else detail)
        self.status = status
        self.title = title
        self.detail = detail


class Event(NamedTuple):
    """A server-sent event; `data` is its JSON."""

    name: str
    data: object


@dataclass(frozen=True, slots=True)
class Call:
    """One operation. `path` has its places filled; `headers` are beside those of every call.
    With `once` it may be tried again: the other side knows it by its key."""

    method: str
    path: str
    query: Query = field(default_factory=dict)
    body: object = None
    media: str = "application/json"
    headers: Mapping[str, str | None] = field(default_factory=dict)
    once: bool = False


class Transport:
    """`url` is where Jalon's pages are; `token` an API token. For a certificate of Jalon's own
    authority give its file as `ca`. One transport may be used by several threads."""

    def __init__(
        self, url: str, token: str, ca: str | None = None, timeout_s: float = 30.0
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is no address of Jalon, such as https://jalon.example.org")
        self._host = parts.hostname
        self._port = parts.port
        self._base = parts.path.rstrip("/")
        self._tls = ssl.create_default_context(cafile=ca) if parts.scheme == "https" else None
        self._token = token
        self._timeout_s = timeout_s

    def answer(self, call: Call) -> object:
        """The JSON of the answer, None when there is none. Raises ApiError."""
        with self._asked(call, self._timeout_s) as response:
            content = response.read()
        return json.loads(content) if content else None

    def chunks(self, call: Call) -> Iterator[bytes]:
        """The answer in pieces, as it comes. Raises ApiError."""
        with self._asked(call, _STREAM_S) as response:
            while chunk := response.read(_CHUNK):
                yield chunk

    def events(self, call: Call) -> Iterator[Event]:
        """Server-sent events until the other side ends the stream. Raises ApiError."""
        with self._asked(call, _STREAM_S) as response:
            name, data = "message", ""
            while line := response.readline():
                field, _, value = line.decode("utf-8").rstrip("\r\n").partition(":")
                if field == "event":
                    name = value.strip()
                elif field == "data":
                    data += value.strip()
                elif not field and data:
                    yield Event(name, json.loads(data))
                    name, data = "message", ""

    @contextmanager
    def _asked(self, call: Call, timeout_s: float) -> Iterator[HTTPResponse]:
        headers = self._headers(call)
        body = _body(call)
        target = self._base + call.path + _query(call.query)
        safe = call.method in ("GET", "HEAD") or call.once
        for tries_left in reversed(range(TRIES if safe else 1)):
            connection = self._connection(timeout_s)
            try:
                pause_s = _PAUSE_S * 2.0 ** (TRIES - 1 - tries_left)
                try:
                    connection.request(call.method, target, body, headers)
                    response = connection.getresponse()
                except (OSError, HTTPException) as error:
                    if not tries_left:
                        raise ApiError(0, "", f"{self._host} does not answer: {error}") from error
                else:
                    if response.status < 400:
                        yield response
                        return
                    if not tries_left or response.status not in _AGAIN:
                        raise _refusal(response)
                    pause_s = _asked_pause(response, pause_s)
            finally:
                connection.close()
            time.sleep(min(pause_s, _LONGEST_S))

    def _headers(self, call: Call) -> dict[str, str]:
        headers = {"authorization": f"Bearer {self._token}", "accept": "*/*"}
        if call.body is not None:
            headers["content-type"] = call.media
        given = {name: value for name, value in call.headers.items() if value is not None}
        if call.once:
            given.setdefault("Idempotency-Key", str(uuid.uuid4()))
        return headers | given

    def _connection(self, timeout_s: float) -> HTTPConnection:
        if self._tls is None:
            return HTTPConnection(self._host, self._port, timeout=timeout_s)
        return HTTPSConnection(self._host, self._port, timeout=timeout_s, context=self._tls)


def filled(path: str, **places: object) -> str:
    """A path with its places filled and escaped."""
    return path.format(**{name: quote(str(value), safe="") for name, value in places.items()})


def _body(call: Call) -> bytes | None:
    if call.body is None or isinstance(call.body, bytes):
        return call.body
    return json.dumps(call.body).encode()


def _query(query: Query) -> str:
    pairs: list[tuple[str, str]] = []
    for name, value in query.items():
        many = isinstance(value, Sequence) and not isinstance(value, str)
        values: Sequence[object] = value if many else [value]  # type: ignore[assignment]
        for one in values:
            if one is not None:
                word = str(one).lower() if isinstance(one, bool) else str(one)
                pairs.append((name.rstrip("_"), word))
    return f"?{urlencode(pairs)}" if pairs else ""


def _refusal(response: HTTPResponse) -> ApiError:
    content = response.read(_CHUNK)
    try:
        problem = json.loads(content)
        title, detail = str(problem["title"]), str(problem["detail"])
    except (ValueError, LookupError, TypeError):
        title, detail = response.reason, content[:200].decode("utf-8", "replace")
    return ApiError(response.status, title, detail)


def _asked_pause(response: HTTPResponse, pause_s: float) -> float:
    asked = response.headers.get("retry-after", "")
    return max(pause_s, float(asked)) if asked.isdigit() else pause_s
