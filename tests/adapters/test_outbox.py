"""Messages wait in order while the road is closed, and the newest survive a flood."""

from __future__ import annotations

from roads import Served
from waiting import wait_for

from jalon.adapters.outbox import Outbox
from jalon.run.links import MAX_MESSAGE, Host


class Nothing:
    """A link that does nothing: only its host is wanted."""

    def serve(self, host: Host) -> None:
        """Nothing."""


def numbered(served: Served) -> list[int]:
    """The numbers that arrived, in order."""
    return [int(payload) for _, payload in served.road.messages]


def test_messages_arrive_in_the_order_they_were_put() -> None:
    served, outbox = Served(Nothing()), Outbox()
    with outbox.sending(served.host):
        for number in range(2000):
            outbox.put("t", b"%d" % number)
        wait_for(lambda: len(served.road.messages) == 2000)
    assert numbered(served) == list(range(2000))


def test_a_closed_road_costs_nothing_while_there_is_room() -> None:
    served, outbox = Served(Nothing()), Outbox()
    served.road.closed = True
    with outbox.sending(served.host):
        for number in range(5):
            outbox.put("t", b"%d" % number)
        wait_for(lambda: bool(served.notes))
        served.road.closed = False
        wait_for(lambda: len(served.road.messages) == 5)
    assert numbered(served) == [0, 1, 2, 3, 4]
    assert outbox.dropped == 0
    assert served.notes == ["Values wait: the broker takes none now (closed by the test)."]


def test_beyond_the_room_the_oldest_go_and_that_is_told() -> None:
    served, outbox = Served(Nothing()), Outbox(room=10)
    served.road.closed = True
    with outbox.sending(served.host):
        for number in range(25):
            outbox.put("t", b"%d" % number)
        wait_for(lambda: bool(served.notes))
        served.road.closed = False
        wait_for(lambda: len(served.notes) == 2)
    assert numbered(served) == list(range(15, 25))
    assert served.notes[1] == "15 messages were given up while the broker took none."


def test_what_waits_at_the_end_of_a_conversation_goes_with_the_next_one() -> None:
    served, outbox = Served(Nothing()), Outbox()
    served.road.closed = True
    with outbox.sending(served.host):
        outbox.put("t", b"1")
        wait_for(lambda: bool(served.notes))
    assert len(outbox) == 1
    served.road.closed = False
    with outbox.sending(served.host):
        outbox.put("t", b"2")
        wait_for(lambda: len(served.road.messages) == 2)
    assert numbered(served) == [1, 2]


def test_what_is_too_large_for_the_road_holds_nothing_up() -> None:
    served, outbox = Served(Nothing()), Outbox()
    with outbox.sending(served.host):
        outbox.put("t", b"x" * (MAX_MESSAGE + 1))
        wait_for(lambda: bool(served.notes))
        outbox.put("t", b"1")
        wait_for(lambda: bool(served.road.messages))
    assert numbered(served) == [1]
    assert served.notes == ["A message of 900001 bytes on t was too large and left out."]
