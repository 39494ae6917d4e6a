"""Links live side by side: each comes back by itself and none is in another's way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notebook import Notebook
from waiting import wait_for

from jalon.app.link_kinds import Prepared
from jalon.app.linkage import Linkage, Tools
from jalon.run.backoff import Backoff
from jalon.run.identity import Attempt, Denied
from jalon.run.journal import Kind
from jalon.run.links import Host, LinkDown, LinkSettings
from jalon.vocab.text import N_, Text


class Shelf:
    """A road that keeps what it is given."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, bytes]] = []

    def submit(self, messages: Sequence[tuple[str, bytes]], timeout_s: float = 10.0) -> None:
        self.messages += messages


@dataclass
class Line:
    """A link whose conversation ends as its script says, then stands until stopped."""

    script: list[Exception | None]
    serving: threading.Event = field(default_factory=threading.Event)
    served: int = 0
    before: Callable[[Host], None] = lambda host: None

    def serve(self, host: Host) -> None:
        self.served += 1
        if self.script:
            end = self.script.pop(0)
            if end is not None:
                raise end
            return
        host.up("peer 1.2")
        self.before(host)
        self.serving.set()
        host.stop.wait()


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


@pytest.fixture
def linkage(shelf: Shelf, notebook: Notebook) -> Iterator[Linkage]:
    def nobody(_attempt: Attempt) -> Denied:
        return Denied(Kind.UNKNOWN_IDENTITY)

    tools = Tools(shelf, {"key": "s3"}.get, lambda: 1000, nobody, notebook)
    linkage = Linkage(tools, lambda: Backoff(0.001, 0.002))
    yield linkage
    linkage.stop()


def prepared(**lines: Line) -> dict[str, Prepared]:
    return {
        name: Prepared(LinkSettings(id=f"{name}-{id(line)}"), (), line)
        for name, line in lines.items()
    }


def down(reason: str) -> LinkDown:
    return LinkDown(Text(N_("No answer: {reason}"), {"reason": reason}))


def test_a_link_that_goes_down_comes_back_and_the_journal_tells_each_change_once(
    linkage: Linkage, notebook: Notebook
) -> None:
    line = Line([down("a"), down("a"), OSError("refused"), None])
    linkage.change(prepared(plant=line))
    assert line.serving.wait(10)
    state = linkage.states()["plant"]
    assert (state.up, state.detail, state.trouble) == (True, "peer 1.2", None)
    assert [(note.kind, note.who, note.detail["detail"]) for note in notebook.notes] == [
        (Kind.LINK_DOWN, "plant", "No answer: a"),
        (Kind.LINK_DOWN, "plant", "No connection: refused"),
        (Kind.LINK_DOWN, "plant", "The link ended without a reason."),
        (Kind.LINK_UP, "plant", "peer 1.2"),
    ]


def test_a_bug_in_one_link_leaves_the_others_alone(linkage: Linkage) -> None:
    sick = Line([ZeroDivisionError("x")] * 3)
    well = Line([])
    linkage.change(prepared(sick=sick, well=well))
    assert sick.serving.wait(10)
    assert well.serving.wait(10)
    assert (sick.served, well.served) == (4, 1)


def test_while_down_the_reason_is_shown(linkage: Linkage) -> None:
    line = Line([down("wrong password")] * 1_000_000)
    linkage.change(prepared(plant=line))
    wait_for(lambda: linkage.states()["plant"].trouble is not None)
    state = linkage.states()["plant"]
    assert not state.up
    assert str(state.trouble) == "No answer: wrong password"


def test_a_change_of_the_files_touches_only_the_links_that_changed(linkage: Linkage) -> None:
    kept, gone, new = Line([]), Line([]), Line([])
    linkage.change(prepared(kept=kept, gone=gone))
    assert kept.serving.wait(10)
    assert gone.serving.wait(10)
    linkage.change(prepared(kept=kept, new=new))
    assert new.serving.wait(10)
    assert set(linkage.states()) == {"kept", "new"}
    assert kept.served == 1


def test_what_a_link_hands_over_is_counted_and_its_remarks_are_kept(
    linkage: Linkage, shelf: Shelf, notebook: Notebook
) -> None:
    def work(host: Host) -> None:
        host.road.submit([("v1/a/telemetry", b"{}"), ("v1/a/telemetry", b"{}")])
        host.note(Text(N_("One register is missing.")))
        host.note(Text(N_("One register is missing.")))
        assert host.secret("key") == "s3"

    line = Line([], before=work)
    linkage.change(prepared(plant=line))
    assert line.serving.wait(10)
    state = linkage.states()["plant"]
    assert (state.messages, len(shelf.messages)) == (2, 2)
    assert str(state.noted) == "One register is missing."
    assert [note.kind for note in notebook.notes] == [Kind.LINK_UP, Kind.LINK_NOTE]


@given(st.integers(0, 2**32), st.integers(1, 40))
def test_pauses_grow_up_to_the_most_and_start_again_after_success(seed: int, tries: int) -> None:
    backoff = Backoff(0.5, 60, Random(seed))
    pauses = [backoff.pause_s() for _ in range(tries)]
    for number, pause in enumerate(pauses):
        whole = min(0.5 * 2**number, 60)
        assert 0.75 * whole <= pause <= whole
    backoff.reset()
    assert backoff.pause_s() <= 0.5
