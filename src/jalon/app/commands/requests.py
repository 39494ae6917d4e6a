"""Commands asked of a running solution by the commands of this machine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import orjson
from pydantic import TypeAdapter

from jalon.app.commands.shapes import (
    BULKS,
    COMMANDS,
    BulkRequest,
    BulkShape,
    CommandDetail,
    CommandShape,
    Person,
    PreviewShape,
    actions_path,
)
from jalon.app.local import require_run
from jalon.app.local_api import LocalApi

_LIST: TypeAdapter[list[CommandShape]] = TypeAdapter(list[CommandShape])


class CommandRequests:
    """Every method raises UsageError with what the running solution says."""

    def __init__(self, folder: Path) -> None:
        self._api = LocalApi(folder, require_run(folder))

    def send(
        self, device: str, action: str, given: object, times: Sequence[tuple[str, str]] = ()
    ) -> CommandShape:
        """Tell one device; `times` are `at` and `expires`."""
        path = f"{actions_path(quote(device, safe=''))}/{quote(action, safe=':')}"
        return CommandShape.model_validate_json(
            self._api.post(path, list(times), orjson.dumps(given))
        )

    def all(self, query: Sequence[tuple[str, str]]) -> list[CommandShape]:
        """The newest first."""
        return _LIST.validate_json(self._api.read(COMMANDS, list(query)))

    def one(self, command: str) -> CommandDetail:
        """With its history; by its id or its number."""
        if command.isdecimal():
            before = str(int(command) + 1)
            found = self.all([("before", before), ("limit", "1")])
            if found and str(found[0].number) == command:
                command = found[0].id
        path = f"{COMMANDS}/{quote(command, safe='')}"
        return CommandDetail.model_validate_json(self._api.read(path))

    def cancel(self, command: str) -> CommandShape:
        """What has not left."""
        return self._act(command, "cancel", None)

    def judge(self, command: str, word: str, person: Person) -> CommandShape:
        """`approve` or `reject`, by a second person."""
        return self._act(command, word, person.model_dump_json().encode())

    def preview(self, wish: BulkRequest) -> PreviewShape:
        """Which devices it would be."""
        body = wish.model_dump_json(exclude_none=True).encode()
        return PreviewShape.model_validate_json(self._api.post(BULKS, (), body))

    def begin(self, wish: BulkRequest, confirm: int) -> BulkShape:
        """Tell them all."""
        body = wish.model_copy(update={"confirm": confirm}).model_dump_json(exclude_none=True)
        return BulkShape.model_validate_json(self._api.post(BULKS, (), body.encode()))

    def _act(self, command: str, word: str, body: bytes | None) -> CommandShape:
        path = f"{COMMANDS}/{self.one(command).id}/{word}"
        return CommandShape.model_validate_json(self._api.post(path, (), body))
