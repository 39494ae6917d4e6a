"""States and reasons of updates as people read them (English msgids)."""

from __future__ import annotations

from typing import NamedTuple

from jalon.app.updates.desk import Act
from jalon.run.updates.compatible import Unfit
from jalon.run.updates.states import CampaignState, DeviceState
from jalon.vocab.text import N_


class Word(NamedTuple):
    """A state: a mark beside its colour, the class that colours it, and its name."""

    mark: str
    colour: str
    name: str


CAMPAIGNS = {
    CampaignState.DRAFT: Word("○", "never", N_("draft")),
    CampaignState.RUNNING: Word("▶", "reporting", N_("running")),
    CampaignState.PAUSED: Word("‖", "never", N_("paused")),
    CampaignState.ABORTING: Word("▲", "silent", N_("being stopped")),
    CampaignState.ABORTED: Word("▲", "silent", N_("stopped")),
    CampaignState.COMPLETED: Word("●", "reporting", N_("complete")),
    CampaignState.ROLLING_BACK: Word("↩", "silent", N_("being rolled back")),
    CampaignState.ROLLED_BACK: Word("↩", "silent", N_("rolled back")),
}
DEVICES = {
    DeviceState.PENDING: Word("○", "never", N_("waits")),
    DeviceState.OFFERED: Word("▷", "never", N_("offered")),
    DeviceState.DOWNLOADING: Word("↓", "never", N_("downloading")),
    DeviceState.DOWNLOADED: Word("↓", "never", N_("downloaded")),
    DeviceState.INSTALLING: Word("▶", "never", N_("installing")),
    DeviceState.REBOOTING: Word("▶", "never", N_("restarting")),
    DeviceState.VERIFYING: Word("▶", "never", N_("to be confirmed")),
    DeviceState.UPDATED: Word("●", "reporting", N_("updated")),
    DeviceState.FAILED: Word("▲", "silent", N_("failed")),
    DeviceState.REFUSED: Word("▲", "silent", N_("refused by the device")),
    DeviceState.ROLLED_BACK: Word("↩", "silent", N_("back to the old version")),
    DeviceState.INCOMPATIBLE: Word("–", "never", N_("passed over")),
    DeviceState.WITHDRAWN: Word("■", "never", N_("taken back")),
}
WHY: dict[str, str] = {
    Unfit.OTHER_THING: N_("another type of device"),
    Unfit.RETIRED: N_("out of service"),
    Unfit.LORAWAN: N_("LoRaWAN: too slow for packages"),
    Unfit.NOT_CONNECTED: N_("heard over a link that carries no packages"),
    Unfit.ALREADY: N_("runs this version already"),
    Unfit.NEWER: N_("runs a newer version"),
    Unfit.HARDWARE_UNKNOWN: N_("has not said which hardware it is"),
    Unfit.OTHER_HARDWARE: N_("another hardware"),
    Unfit.VERSION_UNKNOWN: N_("has not said what it runs"),
    Unfit.OTHER_VERSION: N_("runs a version that this one does not replace"),
    Unfit.BUSY: N_("another campaign has it now"),
    Unfit.NO_PACKAGE: N_("what it ran before is not kept here"),
    "silent": N_("said nothing any more"),
    "threshold": N_("too many devices failed"),
    "by hand": N_("by hand"),
    "stage": N_("waits after a stage, as planned"),
    "key": N_("the key that signed it is trusted no more"),
}
ACTS = {
    Act.START: N_("Start"),
    Act.PAUSE: N_("Pause"),
    Act.RESUME: N_("Resume"),
    Act.ABORT: N_("Stop"),
    Act.ROLLBACK: N_("Roll back"),
}
WARNINGS = {
    Act.START: N_("Devices will be offered this package and install it by themselves."),
    Act.ABORT: N_("It cannot be resumed. Devices that are installing go on."),
    Act.ROLLBACK: N_("Every device that was updated gets back what it ran before."),
}
"""What is asked for twice, with what it means."""
COMPONENTS = {"firmware": N_("Firmware"), "config": N_("Configuration")}
STEPS = {
    "stage": N_("next stage"),
    "rollback": N_("way back"),
    **{state.value: word.name for state, word in CAMPAIGNS.items()},
}
"""What happened to a campaign."""
