"""Which items are still as they were when somebody read them, and rest on what they rested on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from jalon.design.blueprint import Blueprint
from jalon.design.needs.items import Item, items
from jalon.design.spec.reviews import Review
from jalon.vocab.finding import Mark, Remark, Severity
from jalon.vocab.references import nearest
from jalon.vocab.text import N_, Text


class ReviewState(StrEnum):
    """`CHANGED`: the item is not what was read. `SUSPECT`: it is, but what it rests on is not."""

    NEVER = "never"
    REVIEWED = "reviewed"
    CHANGED = "changed"
    SUSPECT = "suspect"


@dataclass(frozen=True, slots=True)
class Standing:
    """How an item stands to its review. `suspects` are the keys of changed, new or lost links."""

    state: ReviewState
    review: Review | None = None
    suspects: tuple[str, ...] = ()


NEVER = Standing(ReviewState.NEVER)


@lru_cache(maxsize=4)
def reviews(blueprint: Blueprint) -> Mapping[str, Standing]:
    """The standing of every item, by key."""
    written = {one.item: one for one in blueprint.reviews.reviews}
    known = items(blueprint)
    return MappingProxyType(
        {key: _standing(item, written.get(key), known) for key, item in known.items()}
    )


def _standing(item: Item, review: Review | None, known: Mapping[str, Item]) -> Standing:
    if review is None:
        return NEVER
    now = _fingerprints(item, known)
    suspects = tuple(
        key for key in sorted({*now, *review.links}) if now.get(key) != review.links.get(key)
    )
    if review.fingerprint != item.fingerprint:
        return Standing(ReviewState.CHANGED, review, suspects)
    return Standing(ReviewState.SUSPECT if suspects else ReviewState.REVIEWED, review, suspects)


def _fingerprints(item: Item, known: Mapping[str, Item]) -> dict[str, str]:
    return {key: known[key].fingerprint for key in item.links if key in known}


def review_now(blueprint: Blueprint, keys: Sequence[str], by: str, on: date) -> list[Review]:
    """The reviews of the solution with these items read by `by`: sorted by item, each once.
    Reviews of items that are no longer there go. KeyError for an unknown item."""
    known = items(blueprint)
    kept = {one.item: one for one in blueprint.reviews.reviews if one.item in known}
    for key in keys:
        item = known[key]
        kept[key] = Review(
            item=key,
            by=by,
            on=on,
            fingerprint=item.fingerprint,
            links=_fingerprints(item, known),
        )
    return [kept[key] for key in sorted(kept)]


def check_reviews(blueprint: Blueprint) -> Iterator[Remark]:
    """Silent as long as nothing has been reviewed."""
    if not blueprint.reviews.reviews:
        return
    known = items(blueprint)
    for index, review in enumerate(blueprint.reviews.reviews):
        if review.item not in known:
            text = Text(N_("What was reviewed is no longer there: {item}."), {"item": review.item})
            at = Mark("reviews", ("reviews", index, "item"))
            hint = nearest(review.item, known)
            yield Remark("needs.reviewed-gone", Severity.INFO, at, text, hint)
    for key, standing in reviews(blueprint).items():
        remark = _remark(known[key], standing)
        if remark:
            yield remark
    unread = [
        item.id
        for key, item in known.items()
        if reviews(blueprint)[key] is NEVER and item.at.part == "solution"
    ]
    if unread:
        text = Text(N_("Nobody has reviewed: {ids}."), {"ids": ", ".join(unread)})
        yield Remark("needs.unreviewed", Severity.INFO, Mark("reviews"), text)


def _remark(item: Item, standing: Standing) -> Remark | None:
    review = standing.review
    if review is None or standing.state is ReviewState.REVIEWED:
        return None
    again = Text(N_("“jalon design review” says that it was read again."))
    if standing.state is ReviewState.CHANGED:
        text = Text(
            N_("{id} has changed since {role} reviewed it on {day}."),
            {"id": item.id, "role": review.by, "day": review.on.isoformat()},
        )
        return Remark("needs.changed", Severity.WARNING, item.at, text, again)
    others = ", ".join(key.partition(".")[2] for key in standing.suspects)
    text = Text(
        N_("{id} was reviewed on {day}; what it rests on has changed since: {others}."),
        {"id": item.id, "day": review.on.isoformat(), "others": others},
    )
    return Remark("needs.suspect", Severity.WARNING, item.at, text, again)
