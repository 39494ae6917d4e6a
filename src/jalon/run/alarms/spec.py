"""How alarms are handled, as it is written in `alarms.yaml`."""

from __future__ import annotations

from jalon.vocab.entries import Strict


class AlarmsFile(Strict):
    """The whole of `alarms.yaml`."""
