"""The running solution's API, as the commands on this machine use it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlencode

import orjson

from jalon.app.local import RunFile, operator_token
from jalon.app.tls import local_trust
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

_TIMEOUT_S = 120.0

Query = Sequence[tuple[str, str]]


class LocalApi:
    """Calls the API with this machine's operator token."""

    def __init__(self, folder: Path, run: RunFile) -> None:
        self._run = run
        self._folder = folder
        self._headers = {
            "authorization": f"Bearer {operator_token(folder)}",
            "accept": "application/json",
        }

    @contextmanager
    def get(self, path: str, query: Query = ()) -> Iterator[HTTPResponse]:
        """The answer, to be read in pieces. Raises UsageError with what the solution says."""
        with self._ask("GET", path, query) as answer:
            yield answer

    def read(self, path: str, query: Query = ()) -> bytes:
        """The whole answer."""
        with self._ask("GET", path, query) as answer:
            return answer.read()

    def post(self, path: str, query: Query = (), body: bytes | None = None) -> bytes:
        """Ask for something to be done, with a body in JSON if any; the whole answer."""
        with self._ask("POST", path, query, body) as answer:
            return answer.read()

    def patch(self, path: str, body: bytes, if_match: str | None = None) -> bytes:
        """Change something with a merge patch in JSON, with `if_match` only what is still so."""
        more = {} if if_match is None else {"if-match": if_match}
        with self._ask("PATCH", path, (), body, more) as answer:
            return answer.read()

    @contextmanager
    def _ask(
        self,
        method: str,
        path: str,
        query: Query,
        body: bytes | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> Iterator[HTTPResponse]:
        connection = self._connection()
        try:
            target = f"{path}?{urlencode(query)}" if query else path
            answer = self._answer(connection, method, target, body, headers)
            if answer.status >= 400:
                raise UsageError(
                    Text(
                        N_("The running solution refuses: {reason}"),
                        {"reason": _reason(answer.status, answer.read(65_536))},
                    )
                )
            yield answer
        except HTTPException as error:
            raise self._silent(error) from error
        finally:
            connection.close()

    def _connection(self) -> HTTPConnection:
        http = self._run.http
        if not http.tls:
            return HTTPConnection(http.near, http.port, timeout=_TIMEOUT_S)
        trust = local_trust(self._folder)
        return HTTPSConnection(http.near, http.port, timeout=_TIMEOUT_S, context=trust)

    def _answer(
        self,
        connection: HTTPConnection,
        method: str,
        target: str,
        body: bytes | None,
        headers: Mapping[str, str],
    ) -> HTTPResponse:
        content = {} if body is None else {"content-type": "application/json"}
        try:
            connection.request(method, target, body, {**self._headers, **content, **headers})
            return connection.getresponse()
        except OSError as error:
            raise self._silent(error) from error

    def _silent(self, error: Exception) -> UsageError:
        return UsageError(
            Text(
                N_("The solution at {url} does not answer: {reason}"),
                {"url": self._run.url, "reason": str(error)},
            )
        )


def _reason(status: int, body: bytes) -> str:
    """The sentence of a problem document (RFC 9457), else the status."""
    try:
        problem = orjson.loads(body)
        return str(problem.get("detail") or problem.get("title") or status)
    except (orjson.JSONDecodeError, AttributeError):
        return str(status)
