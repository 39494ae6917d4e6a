"""A document as one HTML file: nothing is loaded, nothing runs."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from jalon.adapters.documents.drawing import drawing
from jalon.adapters.documents.printed_words import PrintedWords, printed_words
from jalon.adapters.documents.printing import Item, items, numbered
from jalon.design.document import Document, Figure, Heading, Redline, Speak


@cache
def style() -> str:
    """The style sheet inside every document."""
    return files("jalon.adapters.documents").joinpath("document.css").read_text(encoding="utf-8")


def style_hash() -> str:
    """As a content security policy names the style sheet."""
    digest = hashlib.sha256(style().encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def print_html(document: Document, speak: Speak) -> bytes:
    """UTF-8."""
    words = printed_words(speak)
    page = (
        _environment()
        .get_template("document.html")
        .render(
            document=document,
            words=words,
            style=Markup(style()),  # noqa: S704 - our own file
            contents=_contents(document, words),
            items=[_pictured(one) for one in items(document, words)],
        )
    )
    return page.strip().encode() + b"\n"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("jalon.adapters", "documents"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["redline"] = lambda text: isinstance(text, Redline)
    return environment


def _contents(
    document: Document, words: PrintedWords
) -> list[tuple[str, Heading, list[tuple[str, Heading]]]]:
    """Chapters, each with its sections."""
    chapters: list[tuple[str, Heading, list[tuple[str, Heading]]]] = []
    for number, heading in numbered(document, words):
        if heading.level == 1:
            chapters.append((number, heading, []))
        elif heading.level == 2 and chapters:
            chapters[-1][2].append((number, heading))
    return chapters


def _pictured(item: Item) -> dict[str, object]:
    """What the template shows of a block."""
    shown: dict[str, object] = {
        "kind": type(item.block).__name__,
        "block": item.block,
        "change": item.change,
        "number": item.number,
        "caption": item.caption,
        "picture": "",
    }
    if isinstance(item.block, Figure) and (drawn := drawing(item.block.svg)):
        data = base64.b64encode(drawn.svg.encode()).decode()
        shown |= {
            "picture": f"data:image/svg+xml;base64,{data}",
            "width": round(drawn.width),
            "height": round(drawn.height),
        }
    return shown
