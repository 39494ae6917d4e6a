"""The NATS protocol and MQTT's topics, without a server."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.adapters.links.mqtt.codec import (
    Message,
    Parser,
    ProtocolError,
    delivered_ms,
    delivery,
    matcher,
    status,
    subject_of,
    subjects_of_filter,
    topic_of,
)

words = st.text("abcXYZ019$._-/*>", min_size=1, max_size=20).map(str.encode)
payloads = st.binary(max_size=60) | st.sampled_from([b"\r\n", b"MSG a 1 3\r\nabc\r\n", b"PING\r\n"])
headers = st.just(b"") | st.sampled_from(
    [b"NATS/1.0\r\nNmqtt-Pub:1\r\n\r\n", b"NATS/1.0 408\r\n\r\n"]
)
messages = st.builds(Message, words, words, words | st.just(b""), headers, payloads)


def frame(message: Message) -> bytes:
    reply = b"%s " % message.reply if message.reply else b""
    total = len(message.header) + len(message.payload)
    sizes = b"%d %d" % (len(message.header), total) if message.header else b"%d" % total
    return b"%s %s %s %s%s\r\n%s%s\r\n" % (
        b"HMSG" if message.header else b"MSG",
        message.subject,
        message.sid,
        reply,
        sizes,
        message.header,
        message.payload,
    )


@given(sent=st.lists(messages, max_size=12), data=st.data())
def test_any_split_of_the_stream_gives_the_same_messages(
    sent: list[Message], data: st.DataObject
) -> None:
    controls = data.draw(st.lists(st.sampled_from([b"PING\r\n", b"+OK\r\n", b"PONG\r\n"])))
    known = {frame(message): message for message in sent}
    frames = [frame(message) for message in sent] + controls
    order = data.draw(st.permutations(frames))
    sent = [known[one] for one in order if one in known]
    stream = b"".join(order)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    parser = Parser()
    got: list[Message] = []
    pings = 0
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        parsed = parser.feed(stream[start:end])
        got += parsed.messages
        pings += parsed.pings
    assert got == sent
    assert pings == controls.count(b"PING\r\n")


@given(st.binary(max_size=200))
def test_rubbish_is_refused_and_never_something_else(rubbish: bytes) -> None:
    try:
        parsed = Parser().feed(rubbish)
    except ProtocolError:
        return
    assert all(isinstance(message, Message) for message in parsed.messages)


@pytest.mark.parametrize(
    "line", [b"MSG a 1 -5\r\n\r\n", b"HMSG a 1 9 3\r\nabc\r\n", b"MSG a\r\n", b"HELLO\r\n"]
)
def test_a_line_that_is_not_the_protocol_is_refused(line: bytes) -> None:
    with pytest.raises(ProtocolError):
        Parser().feed(line)


def test_errors_and_info_are_read() -> None:
    parsed = Parser().feed(b"INFO {\"port\":1}\r\n-ERR 'Authorization Violation'\r\n")
    assert parsed.info == b'{"port":1}'
    assert parsed.errors == ["Authorization Violation"]


def test_a_status_is_told_from_data() -> None:
    assert status(b"NATS/1.0 404 No Messages\r\n\r\n") == (404, "No Messages")
    assert status(b"NATS/1.0 503\r\n\r\n") == (503, "")
    assert status(b"NATS/1.0\r\nNmqtt-Pub:1\r\n\r\n") is None
    assert status(b"") is None


def test_the_reply_of_a_delivery_tells_where_the_message_stands() -> None:
    reply = b"$JS.ACK.$MQTT_msgs.jalon.1.250.7.1795442948865123456.42"
    here = delivery(reply)
    assert (here.sequence, here.delivery, here.pending) == (250, 7, 42)
    assert delivered_ms(reply) == 1_795_442_948_865


def test_the_reply_of_a_jetstream_domain_is_refused() -> None:
    with pytest.raises(ProtocolError):
        delivery(b"$JS.ACK.hub.hash.$MQTT_msgs.jalon.1.250.7.1795442948865123456.42.x")


topics = st.text(
    st.characters(exclude_categories=["Cs", "Zs", "Cc"], exclude_characters="+#"), min_size=1
).map(lambda text: re.sub(r"[\x00-\x20\x7f]", "", text) or "/") | st.text("a./", min_size=1)


@given(topics)
def test_a_topic_comes_back_from_its_subject(topic: str) -> None:
    subject = subject_of(topic)
    assert topic_of(subject) == topic
    assert all(subject.split("."))  # no empty token: the server would refuse the subject


@pytest.mark.parametrize("topic", ["", "a b", "a/+/b", "a/#", "a\tb", "a\x00"])
def test_a_topic_the_server_refuses_is_refused(topic: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the topic itself is the message
        subject_of(topic)


@pytest.mark.parametrize(
    ("filter_", "subjects"),
    [
        ("v1/+/telemetry", ["v1.*.telemetry"]),
        ("v1/dev1/cmd/#", ["v1.dev1.cmd", "v1.dev1.cmd.>"]),
        ("#", [">"]),
        ("/a//b/", ["/.a./.b./"]),
        ("v1.2/x", ["v1//2.x"]),
    ],
)
def test_filters_become_subjects(filter_: str, subjects: list[str]) -> None:
    assert subjects_of_filter(filter_) == subjects


@pytest.mark.parametrize("filter_", ["", "a/#/b", "a+/b", "a/b#", "a b", "*", "v1/>", "a/*/b"])
def test_what_is_no_filter_is_refused(filter_: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the filter itself is the message
        subjects_of_filter(filter_)


@pytest.mark.parametrize(
    ("filter_", "topic", "expected"),
    [
        ("v1/+/telemetry", "v1/dev1/telemetry", True),
        ("v1/+/telemetry", "v1/a/b/telemetry", False),
        ("v1/+/telemetry", "v1/dev1/telemetry/x", False),
        ("v1/dev1/cmd/#", "v1/dev1/cmd", True),
        ("v1/dev1/cmd/#", "v1/dev1/cmd/set/now", True),
        ("v1/dev1/cmd/#", "v1/dev1/cmdx", False),
        ("a.b/+", "axb/c", False),
        ("#", "whatever/there/is", True),
    ],
)
def test_a_matcher_reads_filters_as_mqtt_does(filter_: str, topic: str, expected: bool) -> None:
    assert matcher(["other/+", filter_])(topic) is expected


def test_a_matcher_without_filters_matches_nothing() -> None:
    assert not matcher([])("v1/dev1/telemetry")
