"""Charge of a message and life of a battery.

Q of a message = Σ(I·t)/3600 over its phases, retransmissions add Q·p/(1−p); Q of a day = n·Q +
I asleep·24; life = C·k / (Q of a day + C·s/365) / 365. Our own model; its figures are those of
data sheets. Charge in mAh, currents in mA (asleep: µA), times in seconds.
"""

from __future__ import annotations

from collections.abc import Iterable


def phase_charge(phases: Iterable[tuple[float, float]]) -> float:
    """mAh of phases given as (mA, seconds)."""
    return sum(current * seconds for current, seconds in phases) / 3600


def with_retries(charge: float, share: float) -> float:
    """The mean charge when a share of the sendings has to be done again, and that share of those:
    Q/(1−p), which is Q + Q·p/(1−p). `share` below 1."""
    return charge / (1 - share)


def day_charge(messages: float, message_charge: float, sleep_ua: float, other: float = 0) -> float:
    """mAh a day; `other` is what is done besides messages."""
    return messages * message_charge + sleep_ua / 1000 * 24 + other


def life_years(capacity: float, usable: float, charge_a_day: float, self_discharge: float) -> float:
    """Years. `usable` is the share of the capacity left by temperature, ageing and voltage limit,
    `self_discharge` the share lost in a year (0.01 for 1 %). Infinite when nothing is drawn."""
    drawn = charge_a_day + capacity * self_discharge / 365
    if isinstance(drawn, float) and drawn == 0:
        return float("inf")
    return capacity * usable / drawn / 365
