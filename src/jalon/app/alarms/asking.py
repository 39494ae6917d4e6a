"""Alarms as commands on this machine reach them: read from the registry, changed through the
running solution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import orjson
from pydantic import TypeAdapter

from jalon.adapters.stores.registry import open_sqlite
from jalon.adapters.stores.registry.alarms_reading import AlarmReader
from jalon.app.accounts import REGISTRY_FILE
from jalon.app.alarms.shapes import (
    ALARMS,
    SILENCES,
    Acknowledged,
    Acknowledgement,
    AlarmAct,
    AlarmShape,
    SilenceRequest,
    SilenceShape,
)
from jalon.app.local import require_run
from jalon.app.local_api import LocalApi
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

_SILENCES: TypeAdapter[list[SilenceShape]] = TypeAdapter(list[SilenceShape])


@contextmanager
def alarm_reader(folder: Path) -> Iterator[AlarmReader]:
    """The alarms of the solution in `folder`, whether it runs or not. Raises UsageError when it
    never ran."""
    path = folder / REGISTRY_FILE
    if not path.is_file():
        raise UsageError(Text(N_("The solution in {folder} has never run."), {"folder": folder}))
    registry = open_sqlite(path)
    try:
        yield AlarmReader(registry)
    finally:
        registry.close()


class AlarmLine:
    """Asks the running solution in `folder` to do something. Each raises UsageError with what it
    says, also when nothing runs."""

    def __init__(self, folder: Path) -> None:
        self._api = LocalApi(folder, require_run(folder))

    def acknowledge(self, alarms: Sequence[int], comment: str) -> int:
        """How many were acknowledged."""
        asked = Acknowledgement(alarms=list(alarms), comment=comment)
        path = f"{ALARMS}/acknowledge"
        answer = self._api.post(path, body=orjson.dumps(asked.model_dump()))
        return Acknowledged.model_validate_json(answer).acknowledged

    def act(self, alarm: int, what: str, asked: AlarmAct) -> AlarmShape:
        """`what` is a path of the API: assign, comment, silence…"""
        body = orjson.dumps(asked.model_dump(exclude_none=True))
        answer = self._api.post(f"{ALARMS}/{alarm}/{what}", body=body)
        return AlarmShape.model_validate_json(answer)

    def silences(self) -> list[SilenceShape]:
        """Those that hold now or later."""
        return _SILENCES.validate_json(self._api.read(SILENCES))

    def order_silence(self, asked: SilenceRequest) -> SilenceShape:
        """A new one."""
        body = orjson.dumps(asked.model_dump(mode="json", exclude_none=True))
        return SilenceShape.model_validate_json(self._api.post(SILENCES, body=body))

    def end_silence(self, silence: int) -> None:
        """It is over now."""
        self._api.post(f"{SILENCES}/{silence}/end")
