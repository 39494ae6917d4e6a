"""What people read: the severity in a word first, then what, where, values, since when, a link."""

from __future__ import annotations

from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notice_office import NOON_MS, example, message

from jalon.app.notices.texts import Reader, compose, place
from jalon.run.control import AlarmSeverity

PARIS = ZoneInfo("Europe/Paris")
ENGLISH = Reader("Ben", "ben@example.org", "en", PARIS, "https://jalon.example.org/")


class Outline(HTMLParser):
    """Headings, terms and links of a document; every tag it opens it closes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, str]] = []
        self.language = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember it."""
        if tag == "html":
            self.language = dict(attrs).get("lang") or ""
        if tag not in ("meta", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Closes the one that was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Text, by the tag around it."""
        if self.open and data.strip():
            self.seen.append((self.open[-1], data))


def outline(html: str) -> Outline:
    found = Outline()
    found.feed(html)
    assert found.open == []
    return found


def test_a_message_in_plain_text() -> None:
    found = compose("k", [message(alarm=7)], ENGLISH, example())

    lines = [line.replace("\u202f", " ") for line in found.text.splitlines()]
    where = place(example(), "device:zay-cm2-a")
    assert where.count(", ") == 2
    assert lines == [
        f"Major: CO₂ is high – {where}",
        "Open the windows.",
        f"Where: {where}",
        "CO₂: 1,612 ppm",
        "Since: 23 Nov 2026, 11:59 CET",
        "See and act: https://jalon.example.org/alarms/7",
        "",
        "-- ",
        "Sent to Ben by School air (Jalon).",
    ]
    assert (found.about, found.rank, found.link) == (
        "alarm:7",
        3,
        "https://jalon.example.org/alarms/7",
    )


def test_the_same_in_html_has_a_heading_and_terms() -> None:
    found = compose("k", [message()], ENGLISH, example())
    seen = outline(found.html)

    assert seen.language == "en"
    assert [text for tag, text in seen.seen if tag == "h1"] == [found.title]
    assert [text for tag, text in seen.seen if tag == "dt"] == ["Where", "CO₂", "Since"]
    assert ("a", "See and act") in seen.seen


def test_several_gathered_say_how_many_and_how_bad() -> None:
    several = [
        message("a", AlarmSeverity.MINOR),
        message("b", AlarmSeverity.CRITICAL),
        message("c", None),
    ]
    found = compose("k", several, ENGLISH, example())

    assert found.title == "Critical: 3 messages"
    assert found.link == "https://jalon.example.org/notifications"
    headings = [text for tag, text in outline(found.html).seen if tag == "h2"]
    assert [text.split(":")[0] for text in headings] == ["Minor", "Critical", "Notice"]
    links = [text for tag, text in outline(found.html).seen if tag == "a"]
    assert len(set(links)) == 3


def test_the_end_of_an_alarm_is_called_so() -> None:
    assert compose("k", [message("a", None, alarm=3)], ENGLISH, example()).severity == "cleared"
    assert compose("k", [message("a", None)], ENGLISH, example()).severity == "notice"


@pytest.mark.parametrize(
    ("subject", "where"),
    [
        ("site:jean-zay", "École Jean-Zay"),
        ("solution:", ""),
        ("device:gone", "gone"),
        ("link:boiler", "boiler"),
        ("nonsense", ""),
    ],
)
def test_places_have_their_names(subject: str, where: str) -> None:
    site = example().fleet.sites[0]
    named = place(example(), subject.replace("jean-zay", site.id))
    assert named == (site.name if subject.startswith("site:") else where)


def test_a_time_that_comes_twice_says_which_one() -> None:
    autumn_ms = 1_792_888_200_000  # 25 October 2026, 02:30 in Paris, for the first time
    texts = [
        compose("k", [message(at_ms=at)], ENGLISH, example()).text
        for at in (autumn_ms, autumn_ms + 3_600_000)
    ]
    assert "02:30 CEST" in texts[0]
    assert "02:30 CET" in texts[1]


def test_without_an_address_of_the_pages_there_is_no_link() -> None:
    found = compose("k", [message()], Reader("Ben", "b@c.d", "en", PARIS), example())
    assert found.link is None
    assert "http" not in found.text
    assert "<a " not in found.html


@given(st.text(), st.text(), st.dictionaries(st.text(min_size=1), st.text(), max_size=3))
def test_whatever_is_written_stays_text(title: str, body: str, values: dict[str, str]) -> None:
    odd = message(title={"en": title}, body={"en": body}, values=values, at_ms=NOON_MS)
    found = compose("k", [odd], ENGLISH, example())

    assert found.title.splitlines() in ([], [found.title])
    allowed = {"html", "head", "title", "body", "h1", "p", "dl", "dt", "dd", "a"}
    assert {tag for tag, _ in outline(found.html).seen} <= allowed
