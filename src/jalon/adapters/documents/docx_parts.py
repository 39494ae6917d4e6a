"""Pieces of WordprocessingML that python-docx has no words for."""

from __future__ import annotations

import re
from datetime import date

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from jalon.design.document import Change, Redline

AUTHOR = "Jalon"
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def legal(text: str) -> str:
    """The text without what XML cannot hold."""
    return _ILLEGAL.sub("", text)


def element(name: str, **attributes: str) -> BaseOxmlElement:
    """An element `w:name` with attributes `w:…`."""
    made: BaseOxmlElement = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), value)
    return made


class Tracker:
    """Writes changes as Word's own tracked changes, which readers can accept or refuse."""

    def __init__(self, on: date) -> None:
        self._date = f"{on.isoformat()}T00:00:00Z"
        self._count = 0

    def mark(self, name: str) -> BaseOxmlElement:
        """An `ins` or `del` with its own id."""
        self._count += 1
        return element(name, id=str(self._count), author=AUTHOR, date=self._date)

    def write(
        self, paragraph: Paragraph, text: str, change: Change | None, *, bold: bool = False
    ) -> None:
        """The text at the end of the paragraph, with its changes."""
        if isinstance(text, Redline):
            pieces = text.pieces
        else:
            whole = change if change in (Change.ADDED, Change.REMOVED) else None
            pieces = ((whole or Change.SAME, text),)
        for kind, piece in pieces:
            run = paragraph.add_run(legal(piece))
            run.bold = bold or None
            if kind is Change.ADDED:
                self._enclose(run, self.mark("ins"))
            elif kind is Change.REMOVED:
                self._enclose(run, self.mark("del"))
                for told in run._element.findall(qn("w:t")):
                    told.tag = qn("w:delText")

    def row(self, row: BaseOxmlElement, change: Change) -> None:
        """Mark a whole row of a table."""
        name = {Change.ADDED: "ins", Change.REMOVED: "del"}.get(change)
        if name:
            row.get_or_add_trPr().append(self.mark(name))

    def _enclose(self, run: Run, mark: BaseOxmlElement) -> None:
        inside = run._element
        inside.addprevious(mark)
        mark.append(inside)


def add_field(paragraph: Paragraph, instruction: str, shown: str) -> None:
    """A field such as PAGE, with what it shows until it is computed anew."""
    for kind in ("begin", "instruction", "separate", "shown", "end"):
        run = paragraph.add_run()
        if kind == "instruction":
            told = element("instrText")
            told.set(qn("xml:space"), "preserve")
            told.text = f" {instruction} "
            run._element.append(told)
        elif kind == "shown":
            run.text = shown
        else:
            run._element.append(element("fldChar", fldCharType=kind))


def add_bookmark(paragraph: Paragraph, name: str, number: int) -> None:
    """A place that links lead to."""
    start = element("bookmarkStart", id=str(number))
    start.set(qn("w:name"), name)
    paragraph._element.append(start)
    paragraph._element.append(element("bookmarkEnd", id=str(number)))


def add_link(paragraph: Paragraph, anchor: str, text: str) -> None:
    """A link to a bookmark."""
    link = element("hyperlink", anchor=anchor, history="1")
    run = paragraph.add_run(legal(text))
    paragraph._element.append(link)
    link.append(run._element)


def heading_numbers(levels: int, number: int) -> tuple[BaseOxmlElement, BaseOxmlElement]:
    """The list that numbers the styles Heading 1 to `levels`: its definition and its use."""
    abstract = element("abstractNum", abstractNumId=str(number))
    abstract.append(element("multiLevelType", val="multilevel"))
    for level in range(levels):
        one = element("lvl", ilvl=str(level))
        one.append(element("start", val="1"))
        one.append(element("numFmt", val="decimal"))
        one.append(element("pStyle", val=f"Heading{level + 1}"))
        one.append(element("suff", val="space"))
        one.append(element("lvlText", val=".".join(f"%{i + 1}" for i in range(level + 1))))
        one.append(element("lvlJc", val="left"))
        abstract.append(one)
    use = element("num", numId=str(number))
    use.append(element("abstractNumId", val=str(number)))
    return abstract, use


_PARAGRAPH = (
    "pStyle",
    "keepNext",
    "keepLines",
    "pageBreakBefore",
    "widowControl",
    "numPr",
    "suppressLineNumbers",
    "pBdr",
    "shd",
    "tabs",
    "suppressAutoHyphens",
    "spacing",
    "ind",
    "contextualSpacing",
    "jc",
    "outlineLvl",
    "rPr",
    "sectPr",
)
_TABLE = (
    "tblStyle",
    "tblW",
    "tblCellSpacing",
    "tblInd",
    "tblBorders",
    "tblLayout",
    "tblCellMar",
    "tblLook",
    "tblCaption",
    "tblDescription",
)
_ORDER = (*_PARAGRAPH, *_TABLE)


def in_order(properties: BaseOxmlElement) -> None:
    """Put the properties of a paragraph or a table into the order that the standard wants."""

    def rank(child: BaseOxmlElement) -> int:
        name = str(child.tag).rpartition("}")[2]
        return _ORDER.index(name) if name in _ORDER else len(_ORDER)

    properties[:] = sorted(properties, key=rank)
