"""News: RSS and Atom by feedparser, JSON Feed 1.1."""

from __future__ import annotations

import hashlib
import io
from datetime import date

from jalon.adapters.feeds.fields import (
    NotUnderstood,
    address,
    day,
    entries,
    fields,
    load,
    text,
)
from jalon.design.spec.watched import WatchItem

_MOST = 2000


def feed(source: str, content: bytes) -> list[WatchItem]:
    """The entries of an RSS or Atom feed. Raises NotUnderstood."""
    import feedparser  # type: ignore[import-untyped]

    # As a stream: what is given as bytes or text is tried as a path or an address first.
    stream = io.BytesIO(content)
    found = feedparser.parse(stream, sanitize_html=True, resolve_relative_uris=False)
    if not found.entries and not found.get("version"):
        raise NotUnderstood(str(found.get("bozo_exception", "no feed")))
    items = []
    for one in found.entries[:_MOST]:
        key = "published_parsed" if "published_parsed" in one else "updated_parsed"
        moment = one.get(key)
        title, link = text(one.get("title")), address(one.get("link"))
        items.append(
            WatchItem(
                id=_id(source, str(one.get("id") or link or title)),
                source=source,
                title=title,
                text=text(one.get("summary")),
                link=link,
                published=date(*moment[:3]) if moment else None,
            )
        )
    return items


def json_feed(source: str, content: bytes) -> list[WatchItem]:
    """The items of a JSON Feed. Raises NotUnderstood."""
    found = fields(load(content))
    if "jsonfeed.org" not in str(found.get("version", "")):
        raise NotUnderstood("no JSON Feed: version")
    items = []
    for one in list(entries(found.get("items")))[:_MOST]:
        title, link = text(one.get("title")), address(one.get("url"))
        body = one.get("summary") or one.get("content_text") or one.get("content_html")
        items.append(
            WatchItem(
                id=_id(source, str(one.get("id") or link or title)),
                source=source,
                title=title,
                text=text(body),
                link=link,
                published=day(one.get("date_published")),
            )
        )
    return items


def _id(source: str, said: str) -> str:
    """Short, and the same at every fetch."""
    return f"{source}:{hashlib.sha256(said.encode()).hexdigest()[:8]}"
