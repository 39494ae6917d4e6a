"""Notifications of a running solution, as the commands of this machine ask for them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from pydantic import TypeAdapter

from jalon.app.local import require_run
from jalon.app.local_api import LocalApi
from jalon.app.notices.shapes import (
    ON_CALL,
    PATH,
    DeliveryList,
    DeliveryShape,
    OnCallShape,
    TestRequest,
    TestSent,
)
from jalon.run.notices.delivery import OVER

_LOOK_S = 0.2
_ON_CALL = TypeAdapter(list[OnCallShape])


class Requests:
    """Every method raises UsageError with what the solution says."""

    def __init__(self, folder: Path) -> None:
        self._api = LocalApi(folder, require_run(folder))

    def test(self, person: str, channel: str) -> list[int]:
        """Send a test; the ids of the deliveries."""
        asked = TestRequest(person=person, channel=channel)
        answer = self._api.post(f"{PATH}/test", body=asked.model_dump_json().encode())
        return TestSent.model_validate_json(answer).deliveries

    def settled(self, delivery: int, wait_s: float) -> DeliveryShape:
        """What became of a delivery: as soon as it is over or has failed once, or after a while."""
        deadline = time.monotonic() + wait_s
        while True:
            found = DeliveryShape.model_validate_json(self._api.read(f"{PATH}/{delivery}"))
            done = found.state in {one.value for one in OVER} or bool(found.error)
            if done or time.monotonic() >= deadline:
                return found
            time.sleep(_LOOK_S)

    def find(self, states: Sequence[str], person: str, limit: int) -> list[DeliveryShape]:
        """The newest first."""
        query = [("limit", str(limit)), *(("state", one) for one in states)]
        query += [("person", person)] if person else []
        return DeliveryList.model_validate_json(self._api.read(PATH, query)).deliveries

    def retry(self, delivery: int) -> None:
        """Send it now."""
        self._api.post(f"{PATH}/{delivery}/retry")

    def give_up(self, delivery: int) -> None:
        """Send it no more."""
        self._api.post(f"{PATH}/{delivery}/give-up")

    def on_call(self) -> list[OnCallShape]:
        """In each rota, now and next."""
        return _ON_CALL.validate_json(self._api.read(ON_CALL))
