"""How a campaign and each of its devices go, as tables; the diagrams of the guide are made of
them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar


class CampaignState(StrEnum):
    """Where a campaign stands."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    ABORTING = "aborting"
    ABORTED = "aborted"
    COMPLETED = "completed"
    ROLLING_BACK = "rolling-back"
    ROLLED_BACK = "rolled-back"


class CampaignEvent(StrEnum):
    """What moves it."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    ABORT = "abort"
    SETTLED = "settled"
    """Nothing of it is under way any more."""
    ROLLBACK = "rollback"


C, V = CampaignState, CampaignEvent
CAMPAIGNS: Mapping[CampaignState, Mapping[CampaignEvent, CampaignState]] = {
    C.DRAFT: {V.START: C.RUNNING, V.ABORT: C.ABORTED},
    C.RUNNING: {
        V.PAUSE: C.PAUSED,
        V.ABORT: C.ABORTING,
        V.SETTLED: C.COMPLETED,
        V.ROLLBACK: C.ROLLING_BACK,
    },
    C.PAUSED: {V.RESUME: C.RUNNING, V.ABORT: C.ABORTING, V.ROLLBACK: C.ROLLING_BACK},
    C.ABORTING: {V.SETTLED: C.ABORTED, V.ROLLBACK: C.ROLLING_BACK},
    C.ABORTED: {V.ROLLBACK: C.ROLLING_BACK},
    C.COMPLETED: {V.ROLLBACK: C.ROLLING_BACK},
    C.ROLLING_BACK: {V.SETTLED: C.ROLLED_BACK},
    C.ROLLED_BACK: {},
}


class DeviceState(StrEnum):
    """Where one device of a campaign stands."""

    PENDING = "pending"
    OFFERED = "offered"
    DOWNLOADING = "downloading"
    DOWNLOADED = "downloaded"
    INSTALLING = "installing"
    REBOOTING = "rebooting"
    VERIFYING = "verifying"
    """It says that it is done; it has not shown yet that it runs the new version."""
    UPDATED = "updated"
    FAILED = "failed"
    REFUSED = "refused"
    ROLLED_BACK = "rolled-back"
    """It came back with the version it had: its boot loader undid the update, or we did."""
    INCOMPATIBLE = "skipped-incompatible"
    WITHDRAWN = "withdrawn"
    """The campaign ended before it had begun to install."""


class DeviceEvent(StrEnum):
    """What moves it: what we do, what it says, and that it says nothing."""

    OFFER = "offer"
    SKIP = "skip"
    DOWNLOADING = "says downloading"
    DOWNLOADED = "says downloaded"
    INSTALLING = "says installing"
    REBOOTING = "says rebooting"
    DONE = "says updated"
    RUNS_NEW = "runs the new version"
    RUNS_OLD = "runs the old version"
    FAILED = "says failed"
    REFUSED = "says refused"
    RETRY = "try again"
    SILENT = "silent too long"
    WITHDRAW = "withdraw"
    UNDO = "roll back"


D, E = DeviceState, DeviceEvent
_HEARD = {
    E.DOWNLOADING: D.DOWNLOADING,
    E.DOWNLOADED: D.DOWNLOADED,
    E.INSTALLING: D.INSTALLING,
    E.REBOOTING: D.REBOOTING,
    E.DONE: D.VERIFYING,
    E.RUNS_NEW: D.UPDATED,
    E.RUNS_OLD: D.ROLLED_BACK,
    E.FAILED: D.FAILED,
    E.REFUSED: D.REFUSED,
    E.RETRY: D.PENDING,
    E.SILENT: D.FAILED,
}
_EARLY = {**_HEARD, E.WITHDRAW: D.WITHDRAWN}
# Before it installs, the old version is what it should run: saying so means nothing.
_EARLY.pop(E.RUNS_OLD)
_ENDED = {E.UNDO: D.ROLLED_BACK}
DEVICES: Mapping[DeviceState, Mapping[DeviceEvent, DeviceState]] = {
    D.PENDING: {
        E.OFFER: D.OFFERED,
        E.SKIP: D.INCOMPATIBLE,
        E.WITHDRAW: D.WITHDRAWN,
        E.RUNS_NEW: D.UPDATED,
    },
    D.OFFERED: _EARLY,
    D.DOWNLOADING: _EARLY,
    D.DOWNLOADED: _EARLY,
    # Power lost while installing: it may begin again at any point.
    D.INSTALLING: _HEARD,
    D.REBOOTING: _HEARD,
    D.VERIFYING: _HEARD,
    D.UPDATED: _ENDED,
    D.FAILED: {E.RUNS_NEW: D.UPDATED},
    D.REFUSED: {},
    D.ROLLED_BACK: {},
    D.INCOMPATIBLE: {},
    D.WITHDRAWN: {E.RUNS_NEW: D.UPDATED},
}
UNDER_WAY = frozenset(
    {D.OFFERED, D.DOWNLOADING, D.DOWNLOADED, D.INSTALLING, D.REBOOTING, D.VERIFYING}
)
WRITING = frozenset({D.INSTALLING, D.REBOOTING, D.VERIFYING})
"""Past the point where an offer can be taken back."""
FINISHED = frozenset(D) - UNDER_WAY - {D.PENDING}
BAD = frozenset({D.FAILED, D.REFUSED, D.ROLLED_BACK})
"""What counts against a campaign."""

SAID = {
    "downloading": E.DOWNLOADING,
    "downloaded": E.DOWNLOADED,
    "installing": E.INSTALLING,
    "rebooting": E.REBOOTING,
    "updated": E.DONE,
    "failed": E.FAILED,
    "refused": E.REFUSED,
    "rolled-back": E.RUNS_OLD,
}
"""What `state` of a device's status message may be, and what it means; `ready` tells versions
only."""
READY = "ready"


def campaign_after(state: CampaignState, event: CampaignEvent) -> CampaignState | None:
    """The next state; None when that cannot happen now."""
    return CAMPAIGNS[state].get(event)


def device_after(state: DeviceState, event: DeviceEvent) -> DeviceState | None:
    """The next state; None when that means nothing now."""
    return DEVICES[state].get(event)


_State = TypeVar("_State", bound=StrEnum)
_Event = TypeVar("_Event", bound=StrEnum)


def diagram(table: Mapping[_State, Mapping[_Event, _State]]) -> str:
    """The table as a Mermaid state diagram; what moves between the same two states shares an
    arrow."""
    lines = ["stateDiagram-v2", f"    [*] --> {_name(next(iter(table)))}"]
    for state, moves in table.items():
        arrows: dict[_State, list[str]] = {}
        for event, target in moves.items():
            arrows.setdefault(target, []).append(event.value)
        for target, events in arrows.items():
            lines.append(f"    {_name(state)} --> {_name(target)}: {' / '.join(events)}")
        if not moves:
            lines.append(f"    {_name(state)} --> [*]")
    return "\n".join(lines)


def _name(state: StrEnum) -> str:
    return state.value.replace("-", "_")
