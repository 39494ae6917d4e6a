"""The QR code on the label of a LoRaWAN device (LoRa Alliance TR005):
`LW:D0:<JoinEUI>:<DevEUI>:<ProfileID>[:O<owner token>][:S<serial>][:P<proprietary>][:C<checksum>]`.

The checksum is not verified: a QR code corrects its own reading errors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

_EUI = re.compile(r"[0-9A-F]{16}")
_PROFILE = re.compile(r"[0-9A-F]{8}")
_EXTENSION = re.compile(r"[A-Z][0-9A-Za-z+/=._%-]*")


@dataclass(frozen=True, slots=True)
class Label:
    """What the label says. EUIs are 16 lower-case hexadecimal digits; `vendor` and `profile` are
    4 each; `serial` and `owner` are "" when the label does not have them."""

    join_eui: str
    dev_eui: str
    vendor: str
    profile: str
    serial: str = ""
    owner: str = ""


def parse(text: str) -> Label:
    """Read the text of a QR code. Raises UsageError that says what is wrong with it."""
    fields = text.strip().split(":")
    if fields[:1] != ["LW"]:
        raise _refusal(N_("it does not begin with LW:"))
    if len(fields) < 2 or fields[1] != "D0":
        raise _refusal(N_("only version D0 is known"))
    if len(fields) < 5:
        raise _refusal(N_("it ends too early"))
    join_eui, dev_eui, profile = (one.upper() for one in fields[2:5])
    if not _EUI.fullmatch(join_eui) or not _EUI.fullmatch(dev_eui):
        raise _refusal(N_("an EUI has 16 hexadecimal digits"))
    if not _PROFILE.fullmatch(profile):
        raise _refusal(N_("the profile has 8 hexadecimal digits"))
    extensions: dict[str, str] = {}
    for one in fields[5:]:
        if not _EXTENSION.fullmatch(one):
            raise _refusal(N_("a field behind the profile has no letter that says what it is"))
        extensions.setdefault(one[0], one[1:])
    return Label(
        join_eui.lower(),
        dev_eui.lower(),
        profile[:4].lower(),
        profile[4:].lower(),
        extensions.get("S", ""),
        extensions.get("O", ""),
    )


def _refusal(reason: str) -> UsageError:
    return UsageError(
        Text(N_("This is no label of a LoRaWAN device: {reason}."), {"reason": Text(reason)})
    )
