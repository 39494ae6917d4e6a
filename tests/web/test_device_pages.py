"""What an operator learns about a device and its surroundings: why it is silent, what it really
sent, what happened, and over which links."""

from __future__ import annotations

import dataclasses
import html
import re

import httpx
import pytest
import yaml
from school import School

from jalon.adapters.links.lorawan.codec import Status
from jalon.app.link_kinds import links_file
from jalon.run.journal import Kind


def text(page: httpx.Response) -> str:
    """What a person reads, on one line."""
    assert page.status_code == 200, page.text
    main = page.text.partition("<main")[2]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def test_a_device_that_reports_is_not_asked_why_it_is_silent(client: httpx.Client) -> None:
    assert "Why is it silent?" not in text(client.get("/devices/zay-cm2-a"))
    assert client.get("/api/v1/devices/zay-cm2-a/diagnosis").json() == []


def test_a_refused_device_says_why_and_what_to_do(client: httpx.Client) -> None:
    page = text(client.get("/devices/til-gateway"))
    assert "Why is it silent?" in page
    assert "It gives a wrong password or key." in page
    assert "Refused 3 times, last at" in page
    assert "It came from 192.0.2.44." in page
    assert "Let it publish its values to v1/til-gateway/telemetry." in page


def test_programs_get_the_same_diagnosis(client: httpx.Client) -> None:
    causes = client.get("/api/v1/devices/til-gateway/diagnosis").json()
    assert {"wrong-secret", "publish-denied"} <= {one["cause"] for one in causes}
    assert {one["likelihood"] for one in causes} <= {"certain", "likely", "possible"}
    order = ["certain", "likely", "possible"]
    ranks = [order.index(one["likelihood"]) for one in causes]
    assert ranks == sorted(ranks)
    assert all(one["says"] and one["advice"] for one in causes)
    assert client.get("/api/v1/devices/nobody/diagnosis").status_code == 404


def test_sensors_whose_gateway_is_down_are_silent_for_one_reason(
    client: httpx.Client, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = school.running.now_ms() + 86_400_000
    monkeypatch.setattr(school.running, "now_ms", lambda: later)
    status = Status("0200a14c000010c0", later, battery=4.0, margin=1.0, external_power=False)
    monkeypatch.setitem(school.running.statuses, "zay-cm2-a", status)
    page = text(client.get("/devices/zay-cm2-a"))
    first = page.partition("What to do:")[0]
    assert "The gateway of its site is silent too. certain" in first
    assert "Passerelle Jean-Zay was last heard at" in first
    assert re.search(r"Silent devices beside it: (\d+) of \1\.", first)
    assert "battery 4%" in text(client.get("/devices/zay-cm2-a/connection"))


def test_raw_frames_stand_beside_what_they_say_now(client: httpx.Client) -> None:
    page = text(client.get("/devices/zay-cm2-a/frames"))
    newest, _, older = page.partition("frame 41")
    assert "frame 42" in newest
    assert "Refused: the codec cannot read it" in newest
    assert "02 82 08 02 58" in newest, "its five bytes; the sixth is missing"
    assert "frame 40" not in page
    assert "CO₂ 641 ppm" in older
    assert "20.5" in older
    topic = "application/school/device/0200a14c000010c0/event/up"
    assert topic in newest
    assert topic not in older, "said once for all that came there in a row"


def test_a_frame_that_is_text_is_shown_as_text_and_as_bytes(client: httpx.Client) -> None:
    page = text(client.get("/devices/zay-gateway/frames"))
    assert '{"temperature": 41.2, "firmware": "4.7.2"}' in page
    assert "7b 22 74 65" in page
    assert "Firmware version 4.7.2" in page


def test_a_device_that_said_nothing_since_the_start_has_no_frames(client: httpx.Client) -> None:
    page = text(client.get("/devices/zay-canteen/frames"))
    assert "No message has come since Jalon was started." in page


def test_signal_and_losses_are_told_by_gateway(client: httpx.Client) -> None:
    page = text(client.get("/devices/zay-cm2-a/connection"))
    assert "1 of 43 (2%)" in page
    assert "roof-gateway 42 -97" in page
    assert "DR3 · SF9" in page
    assert "17.0 dB above what can still be heard" in page
    assert re.search(r"1\d\d of 144 expected", page)
    assert "Credentials" not in page, "the network server proves who it is"


def test_last_seen_tells_the_truth_when_values_are_old(
    client: httpx.Client, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = text(client.get("/devices/zay-canteen"))
    assert "by its own clock" not in before
    monkeypatch.setitem(school.running.devices_seen, "zay-canteen", school.running.now_ms() - 5)
    page = text(client.get("/devices/zay-canteen"))
    assert re.search(r"Newest value \d+ minutes ago by its own clock", page)


def test_a_clock_that_runs_ahead_does_not_make_a_device_seen_later(
    client: httpx.Client, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    series = school.running.series["zay-canteen", "temperature"].id
    now = school.running.now_ms()
    known = school.running.live.latest(series)
    assert known
    monkeypatch.setitem(school.running.devices_seen, "zay-canteen", now - 120_000)
    ahead = dataclasses.replace(known, time_ms=now + 120_000)
    monkeypatch.setattr(school.running.live, "latest", lambda one: ahead if one == series else None)
    page = text(client.get("/devices/zay-canteen/connection"))
    assert "Its clock is ahead." in page
    assert "Last seen 2 minutes ago" in text(client.get("/devices/zay-canteen"))


def test_a_refusal_that_was_mended_marks_the_device_no_longer(
    client: httpx.Client, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    school.running.journal.note(Kind.WRONG_SECRET, "zay-canteen")
    mark = 'href="/devices/zay-canteen/events"'
    later = school.running.now_ms() + 5_000
    monkeypatch.setattr(school.running, "now_ms", lambda: later)
    assert mark in client.get("/fleet?q=zay-canteen").text
    monkeypatch.setitem(school.running.devices_seen, "zay-canteen", later)
    assert mark not in client.get("/fleet?q=zay-canteen").text
    assert "Something is refused" not in text(client.get("/devices/zay-canteen"))


def test_the_journal_is_filtered_searched_and_paged_without_scripts(
    client: httpx.Client, school: School
) -> None:
    journal = school.running.journal
    for number in range(120):
        journal.note(Kind.UNKNOWN_IDENTITY, who=f"stranger-{number:03}", address="203.0.113.9")
    journal.note(Kind.MOVED, "zay-cm2-b", site="les-tilleuls")

    refusals = text(client.get("/events?group=refusals"))
    assert "stranger-119" in refusals
    assert "stranger-050" not in refusals, "it is on a later page"
    assert "The device was moved." not in refusals
    assert "Add the device to the fleet, or correct the user name in it." in refusals

    one = text(client.get("/events?q=STRANGER-007"))
    assert one.count("stranger-007") == 1
    assert "stranger-008" not in one
    assert "The device was moved." in text(client.get("/events?device=zay-cm2-b"))
    assert "The device was moved." in text(client.get("/events?group=life&q=moved"))
    assert "No event matches" in text(client.get("/events?q=nothing-like-this"))

    seen: list[str] = []
    target = "/events?q=stranger-"
    for _ in range(5):
        page = client.get(target)
        seen += re.findall(r"stranger-\d{3}", page.text)
        older = re.search(r'href="([^"]+)" rel="next"', page.text)
        if not older:
            break
        target = "/events" + html.unescape(older[1])
    assert seen == [f"stranger-{number:03}" for number in reversed(range(120))]


def test_what_somebody_called_themselves_is_only_text(client: httpx.Client, school: School) -> None:
    school.running.journal.note(Kind.UNKNOWN_IDENTITY, who="<script>alert(1)</script>")
    page = client.get("/events").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_links_are_told_with_their_trouble(client: httpx.Client) -> None:
    page = text(client.get("/connections"))
    assert "boiler-room ● up" in page
    assert "old-broker ▲ down" in page
    assert "The other broker refuses user and password." in page
    assert "48,212" in page
    health = text(client.get("/health"))
    assert "This link is down: old-broker." in health
    counted = re.search(r"Refused: the secret is wrong\. (\d+)", health)
    assert counted
    assert int(counted[1]) >= 3


def test_the_guides_show_entries_of_links_yaml_that_are_good(client: httpx.Client) -> None:
    blocks = re.findall(r'<code class="yaml">(.*?)</code>', client.get("/connections").text, re.S)
    assert len(blocks) >= 5
    for block in blocks:
        links_file().model_validate(yaml.safe_load(html.unescape(block)))


def test_the_fleet_tells_who_was_refused(client: httpx.Client) -> None:
    page = client.get("/fleet?state=refused").text
    found = re.findall(r'data-device="([^"]+)"', page)
    assert "til-gateway" in found
    assert "zay-gateway" not in found
    assert 'href="/devices/til-gateway/events"' in page
    assert 'href="/provision"' in page


def test_what_a_codec_warns_of_stands_beside_the_frame(
    client: httpx.Client, school: School
) -> None:
    twice = bytes.fromhex("016700d2016700d3")
    log, now = school.running.frames, school.running.now_ms()
    log.note("zay-outdoor", now, "v1/zay-outdoor/frame", twice)

    page = text(client.get("/devices/zay-outdoor/frames"))

    assert "▲ warning byte 4: temperature_1 comes twice" in page
    assert "21.1" in page
