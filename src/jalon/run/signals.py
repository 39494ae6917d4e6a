"""How a virtual device's property behaves over time."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class SignalSpec(BaseModel):
    """Placeholder until the simulator's own fields stand here."""

    model_config = ConfigDict(extra="forbid", frozen=True)
