"""The label of a LoRaWAN device says its EUIs."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.run.lorawan_qr import Label, parse
from jalon.vocab.errors import UsageError

euis = st.binary(min_size=8, max_size=8).map(bytes.hex)
profiles = st.binary(min_size=4, max_size=4).map(bytes.hex)


def test_the_example_of_a_label() -> None:
    found = parse(
        "LW:D0:1122334455667788:AABBCCDDEEFF0011:AABB1122:OAABBCCDDEEFF:SYYWWNNNNNN:CAF2C"
    )
    assert found == Label(
        "1122334455667788", "aabbccddeeff0011", "aabb", "1122", "YYWWNNNNNN", "AABBCCDDEEFF"
    )


@given(euis, euis, profiles, st.booleans())
def test_every_label_is_read(join_eui: str, dev_eui: str, profile: str, lower: bool) -> None:
    text = f"LW:D0:{join_eui.upper()}:{dev_eui.upper()}:{profile.upper()}:S42"
    if lower:
        text = f" LW:D0:{join_eui}:{dev_eui}:{profile}:S42\n"
    assert parse(text) == Label(join_eui, dev_eui, profile[:4], profile[4:], "42")


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused_with_a_reason(text: str) -> None:
    for one in (text, f"LW:D0:{text}", f"LW:D0:1122334455667788:AABBCCDDEEFF0011:AABB1122:{text}"):
        with suppress(UsageError):
            assert len(parse(one).dev_eui) == 16


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("https://vendor.example/am107", "it does not begin with LW:"),
        ("LW:D1:1122334455667788:AABBCCDDEEFF0011:AABB1122", "only version D0"),
        ("LW:D0:1122334455667788:AABBCCDDEEFF0011", "ends too early"),
        ("LW:D0:1122334455667788:AABBCCDDEEFF001:AABB1122", "16 hexadecimal"),
        ("LW:D0:1122334455667788:AABBCCDDEEFF0011:AABB112G", "8 hexadecimal"),
        ("LW:D0:1122334455667788:AABBCCDDEEFF0011:AABB1122::", "no letter"),
    ],
)
def test_what_is_wrong_with_a_label_is_said(text: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        parse(text)
