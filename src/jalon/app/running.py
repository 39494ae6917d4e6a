"""What a running solution offers to its pages, its API and its commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jalon.run.codecs.codec import Codec
from jalon.run.frames import FrameLog
from jalon.run.identity import Decide
from jalon.run.journal import Journal
from jalon.run.links import LinkState, Road
from jalon.run.live import LiveBoard
from jalon.run.ports import Counters, FollowedStore, Series

if TYPE_CHECKING:
    from jalon.adapters.links.lorawan.codec import Status
    from jalon.app.accounts import Accounts
    from jalon.app.control import Control
    from jalon.app.downlinks import Downlinks
    from jalon.app.reception import Reception
    from jalon.app.solution import Solution


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the running solution and whether it works. `name` is a message id, shown
    translated; `detail` is shown to the operator as it is."""

    name: str
    ready: bool
    detail: str = ""


@dataclass
class Running:
    """One running solution. `series` finds the store's series of (device, property).

    `parts` is asked at each call of the health page; `now_ms` is the clock (Unix ms, UTC).
    """

    solution: Solution
    store: FollowedStore
    accounts: Accounts
    live: LiveBoard
    counters: Counters
    series: Mapping[tuple[str, str], Series]
    parts: Callable[[], list[Part]]
    now_ms: Callable[[], int]
    journal: Journal
    decide: Decide
    devices_seen: dict[str, int] = field(default_factory=dict)
    """When each device was last heard (broker's clock, Unix ms), whatever it said."""
    frames: FrameLog = field(default_factory=FrameLog)
    road: Road | None = None
    """Where values that did not come over MQTT are handed over; None until the broker runs."""
    links: Callable[[], Mapping[str, LinkState]] = dict
    """How each link of `links.yaml` is now."""
    codecs: Mapping[str, Codec] = field(default_factory=dict)
    """The codecs of the Thing Models that have one, by thing."""
    statuses: dict[str, Status] = field(default_factory=dict)
    """What network servers said last of a device's battery and margin."""
    reload: Callable[[], None] = lambda: None
    """Take the solution's files and its registry as they are now. Raises SolutionError."""
    downlinks: Downlinks | None = None
    """What is under way to LoRaWAN devices; None until the broker runs."""
    reception: Reception | None = None
    """The desks at which devices come in, are given credentials, move and go."""
    control: Control = field(init=False, repr=False)
    """What watches, decides and acts; given when all it stands on is there, before anybody asks."""
