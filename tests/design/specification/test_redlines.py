"""Two versions of a document against each other: what came, what went, what says something else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from paper_trail import document

from jalon.design.document import (
    Block,
    Bullets,
    Change,
    Figure,
    Heading,
    Marked,
    Note,
    Paragraph,
    Redline,
    Table,
    Terms,
)
from jalon.design.specification.redline import compared, words_compared


def changes(old: list[Block], new: list[Block]) -> list[Block | Marked]:
    return list(compared(document(old), document(new)).content)


def before(text: str) -> str:
    """What the text was."""
    if not isinstance(text, Redline):
        return text
    return "".join(piece for change, piece in text.pieces if change is not Change.ADDED)


def test_what_is_the_same_carries_no_mark() -> None:
    same: list[Block] = [Heading("A"), Paragraph("b"), Table("t", ["x"], [["1"]])]
    assert changes(same, list(same)) == same


def test_words_are_marked_inside_a_paragraph() -> None:
    (one,) = changes([Paragraph("The door is red today.")], [Paragraph("The door is green today.")])
    assert isinstance(one, Marked)
    assert one.change is Change.CHANGED
    assert isinstance(one.block, Paragraph)
    assert isinstance(one.block.text, Redline)
    assert one.block.text.pieces == (
        (Change.SAME, "The door is "),
        (Change.REMOVED, "red"),
        (Change.ADDED, "green"),
        (Change.SAME, " today."),
    )


def test_another_paragraph_is_no_version_of_the_first() -> None:
    came, went = changes(
        [Paragraph("Nothing in common with it.")], [Paragraph("Elephants eat bananas slowly!")]
    )
    assert isinstance(came, Marked)
    assert isinstance(went, Marked)
    assert {came.change, went.change} == {Change.ADDED, Change.REMOVED}


def test_rows_of_a_table_are_told_by_their_first_cell() -> None:
    old = Table("T", ["id", "says"], [["R1", "one"], ["R2", "two"], ["R3", "three"]])
    new = Table("T", ["id", "says"], [["R1", "one"], ["R3", "three!"], ["R4", "four"]])
    (one,) = changes([old], [new])
    assert isinstance(one, Marked)
    assert isinstance(one.block, Table)
    assert [row[0] for row in one.block.rows] == ["R1", "R2", "R3", "R4"]
    assert one.block.marks == {1: Change.REMOVED, 2: Change.CHANGED, 3: Change.ADDED}
    assert before(one.block.rows[2][1]) == "three"


def test_lists_terms_notes_and_figures() -> None:
    old: list[Block] = [
        Bullets(["a", "b"]), Terms([("x", "1"), ("y", "2")]), Note("Careful", "hot stove"),
        Figure("<svg/>", "F", "one box"), Heading("Old part"),
    ]  # fmt: skip
    new: list[Block] = [
        Bullets(["a", "b", "c"]), Terms([("x", "one"), ("z", "3")]), Note("Careful", "cold stove"),
        Figure("<svg/>", "F", "two boxes"),
    ]  # fmt: skip
    found = changes(old, new)
    assert [one.change for one in found if isinstance(one, Marked)] == [
        *[Change.CHANGED] * 4,
        Change.REMOVED,
    ]
    last = found[-1]
    assert isinstance(last, Marked)
    assert last.block == Paragraph("Old part"), "a heading that went is none any more"
    terms = found[1]
    assert isinstance(terms, Marked)
    assert isinstance(terms.block, Terms)
    assert [before(term) for term, _meaning in terms.block.entries] == ["x", "", "y"]


def test_a_drawing_that_says_the_same_has_not_changed() -> None:
    old, new = Figure("<svg>1</svg>", "F", "boxes"), Figure("<svg>2</svg>", "F", "boxes")
    assert changes([old], [new]) == [new]


@given(st.text(max_size=60), st.text(max_size=60))
def test_both_texts_can_be_read_from_the_comparison(old: str, new: str) -> None:
    found = words_compared(old, new)
    assert found == new
    assert before(found) == (old if isinstance(found, Redline) else new)


BLOCKS = st.lists(
    st.one_of(
        st.builds(Paragraph, st.sampled_from(["a b c", "a b d", "x y z"])),
        st.builds(Heading, st.sampled_from(["A", "B"])),
        st.builds(lambda rows: Table("T", ["k"], [[one] for one in rows]), st.lists(st.text("ab"))),
    ),
    max_size=6,
)


@given(BLOCKS, BLOCKS)
def test_nothing_of_the_new_version_is_lost(old: list[Block], new: list[Block]) -> None:
    kept = [
        one.block if isinstance(one, Marked) else one
        for one in changes(old, new)
        if not (isinstance(one, Marked) and one.change is Change.REMOVED)
    ]
    assert [type(one) for one in kept] == [type(one) for one in new]
    assert [one.text for one in kept if isinstance(one, Paragraph)] == [
        one.text for one in new if isinstance(one, Paragraph)
    ]
