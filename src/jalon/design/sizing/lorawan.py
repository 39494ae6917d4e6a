"""LoRaWAN on the air: time, duty cycle, room for payloads, collisions.

Formulas: Semtech AN1200.13 (LoRa Modem Designer's Guide) for the time on air; LoRa Alliance
RP002 for EU868; pure ALOHA for collisions.
"""

from __future__ import annotations

from math import ceil, exp

HEADER = 13
"""Bytes of LoRaWAN around an application payload: MHDR 1, DevAddr 4, FCtrl 1, FCnt 2, FPort 1,
MIC 4. FOpts come on top."""
_SLOW_SYMBOL_MS = 16.0


def time_on_air(
    frame_bytes: int,
    spreading: int,
    bandwidth_khz: float = 125,
    coding_rate: int = 1,
    preamble: int = 8,
    crc: bool = True,
) -> float:
    """Milliseconds that a LoRa frame is on the air; `frame_bytes` is the whole PHY payload.

    AN1200.13: Tsym = 2^SF/BW, Tpreamble = (n + 4.25)·Tsym, and 8 + max(ceil((8·PL − 4·SF + 28 +
    16·CRC − 20·IH) / (4·(SF − 2·DE)))·(CR + 4), 0) symbols of payload, with an explicit header
    (IH = 0) and low data rate optimisation (DE = 1) when a symbol lasts longer than 16 ms.
    Downlinks have no CRC.
    """
    symbol_ms = float(1 << spreading) / bandwidth_khz
    slow = 1 if symbol_ms > _SLOW_SYMBOL_MS else 0
    bits = 8 * frame_bytes - 4 * spreading + 28 + (16 if crc else 0)
    blocks = ceil(bits / (4 * (spreading - 2 * slow)))
    symbols = 8 + max(blocks * (coding_rate + 4), 0)
    return (preamble + 4.25) * symbol_ms + symbols * symbol_ms


def uplink_ms(payload_bytes: int, spreading: int, mac_bytes: int = 0) -> float:
    """Milliseconds that an uplink of so many application bytes is on the air at 125 kHz."""
    return time_on_air(payload_bytes + HEADER + mac_bytes, spreading)


def off_time(airtime_ms: float, duty: float) -> float:
    """Milliseconds of silence after a frame: ToA/duty − ToA. `duty` is a share, 0.01 for 1 %."""
    return airtime_ms / duty - airtime_ms


def frames_per_hour(airtime_ms: float, duty: float) -> int:
    """Whole frames that the duty cycle of one sub-band leaves in an hour."""
    return int(3_600_000 * duty / airtime_ms)


def frames_per_day(airtime_ms: float, allowed_s: float) -> int:
    """Whole frames within an airtime allowed a day, such as the 30 s of a fair use policy."""
    return int(allowed_s * 1000 / airtime_ms)


def offered_load(devices: float, airtime_ms: float, period_s: float, channels: int) -> float:
    """G of ALOHA: the share of the time that frames of one spreading factor fill a channel,
    N·ToA/period/channels."""
    return devices * airtime_ms / 1000 / period_s / channels if period_s else 0.0


def success(load: float) -> float:
    """Share of frames that meet no other one, exp(−2·G): pure ALOHA, no capture effect, so it is
    the worse case."""
    return exp(-2 * load)
