"""What sources of the watch write, as items: RSS, Atom, JSON Feed, OSV, NVD, CSAF."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from jalon.adapters.feeds import advisories, news
from jalon.adapters.feeds.fields import NotUnderstood
from jalon.design.spec.watch import SourceKind
from jalon.design.spec.watched import WatchItem

__all__ = ["NotUnderstood", "read"]

_READERS: Mapping[SourceKind, Callable[[str, bytes], list[WatchItem]]] = {
    SourceKind.FEED: news.feed,
    SourceKind.JSON_FEED: news.json_feed,
    SourceKind.OSV: advisories.osv,
    SourceKind.NVD: advisories.nvd,
    SourceKind.CSAF: advisories.csaf,
}


def read(kind: SourceKind, source: str, content: bytes) -> list[WatchItem]:
    """The items of a snapshot. Raises NotUnderstood."""
    return _READERS[kind](source, content)
