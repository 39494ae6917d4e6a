"""What was read and agreed, with its fingerprint: `reviews.yaml`."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from jalon.vocab.entries import Strict


class Review(Strict):
    """That somebody read an item as it was then. `jalon design review` writes it."""

    item: str = Field(
        pattern=r"^[a-z-]+\.[A-Za-z0-9][A-Za-z0-9_-]{0,63}$",
        description="Kind and id: `requirement.R-1`, `objective.O1`, `use-case.U1`, `case.T-1`,"
        " `decision.D1`.",
    )
    by: str = Field(description="The role that read it.")
    on: date = Field(description="The day.")
    fingerprint: str = Field(description="Of its normative text on that day.")
    links: dict[str, str] = Field(
        default_factory=dict, description="Fingerprints, on that day, of the items it rests on."
    )


class ReviewsFile(Strict):
    """The whole of `reviews.yaml`, one entry an item; older ones are in the history of git."""

    reviews: list[Review] = Field(default_factory=list, description="What was read, by item.")
