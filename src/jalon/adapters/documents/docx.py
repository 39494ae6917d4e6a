"""A document as DOCX, to be worked on: real styles, captions, headers of tables, other texts for
pictures, and changes as Word tracks them."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import docx
from docx.document import Document as WordFile
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_BREAK
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table as WordTable
from docx.table import _Cell

from jalon.adapters.documents.docx_parts import (
    AUTHOR,
    Tracker,
    add_bookmark,
    add_field,
    add_link,
    element,
    in_order,
    legal,
)
from jalon.adapters.documents.docx_styles import dress
from jalon.adapters.documents.picture import png_of
from jalon.adapters.documents.printed_words import PrintedWords, printed_words
from jalon.adapters.documents.printing import Item, items, numbered
from jalon.adapters.documents.table_widths import Layout, layout, lying
from jalon.design.document import (
    Bullets,
    Change,
    Document,
    Figure,
    Heading,
    Note,
    Paragraph,
    Speak,
    Table,
    Terms,
)

_WIDEST_MM = 166.0
_HIGHEST_MM = 210.0
_MM_A_UNIT = 25.4 / 96


def print_docx(document: Document, speak: Speak) -> bytes:
    """The file's bytes."""
    words = printed_words(speak)
    on = document.on or datetime.now(UTC).date()
    word = docx.Document()
    dress(word, document.language)
    _properties(word, document, on)
    _first_page(word, document)
    _contents(word, document, words)
    _foot(word, document, words)
    printer = _Printer(word, words, Tracker(on))
    listed = list(items(document, words))
    turned = lying([one.block for one in listed])
    for place, item in enumerate(listed):
        if place in turned:
            printer.turn(landscape=True)
        printer.show(item)
        if place in turned.values():
            printer.turn(landscape=False)
    file = io.BytesIO()
    word.save(file)
    return file.getvalue()


def _properties(word: WordFile, document: Document, on: date) -> None:
    about = word.core_properties
    about.title = legal(f"{document.title} – {document.subtitle}")[:255]
    about.author = legal(document.author)[:255]
    about.last_modified_by = AUTHOR
    about.comments = ""
    about.created = about.modified = datetime(on.year, on.month, on.day, 12)  # noqa: DTZ001


def _first_page(word: WordFile, document: Document) -> None:
    word.add_paragraph(legal(document.author)).paragraph_format.space_before = Pt(110)
    word.add_paragraph(legal(document.title), style="Title")
    word.add_paragraph(legal(document.subtitle), style="Subtitle")
    for name, value in document.facts:
        line = word.add_paragraph(style="Term")
        line.add_run(legal(name)).bold = True
        line.add_run(legal(f"  {value}"))
    if document.notice:
        word.add_paragraph(legal(document.notice), style="Note")
    word.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


def _contents(word: WordFile, document: Document, words: PrintedWords) -> None:
    """A table of contents that Word can compute anew, filled with what it would find."""
    word.add_paragraph(words.contents, style="Contents title")
    entries = [one for one in numbered(document, words) if one[1].level <= 2]
    if not entries:
        return
    for place, (number, heading) in enumerate(entries):
        line = word.add_paragraph(style=f"toc {heading.level}")
        if place == 0:
            for kind in ("begin", "instruction", "separate"):
                run = line.add_run()
                if kind == "instruction":
                    told = element("instrText")
                    told.set(qn("xml:space"), "preserve")
                    told.text = ' TOC \\o "1-2" \\h \\z \\u '
                    run._element.append(told)
                else:
                    run._element.append(element("fldChar", fldCharType=kind))
        add_link(line, _anchor(heading.anchor), f"{number} {heading.text}")
        if place == len(entries) - 1:
            line.add_run()._element.append(element("fldChar", fldCharType="end"))
    word.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


def _anchor(anchor: str) -> str:
    """Bookmarks begin with a letter and have at most 40 characters."""
    return "h_" + "".join(one if one.isalnum() else "_" for one in anchor)[:37]


def _foot(word: WordFile, document: Document, words: PrintedWords) -> None:
    line = word.sections[0].footer.paragraphs[0]
    line.add_run(legal(f"{document.running}    {words.page} "))
    add_field(line, "PAGE", "1")
    line.add_run(" / ")
    add_field(line, "NUMPAGES", "1")
    for run in line.runs:
        run.font.size = Pt(8.5)


class _Printer:
    """Adds blocks at the end of the file."""

    def __init__(self, word: WordFile, words: PrintedWords, tracker: Tracker) -> None:
        self._word = word
        self._words = words
        self._tracker = tracker
        self._bookmarks = 0

    def show(self, item: Item) -> None:
        match item.block:
            case Heading(text=text, level=level, anchor=anchor):
                line = self._word.add_heading(level=min(level, 6))
                self._bookmarks += 1
                add_bookmark(line, _anchor(anchor), self._bookmarks)
                self._tracker.write(line, text, item.change)
            case Paragraph(text=text):
                self._tracker.write(self._word.add_paragraph(), text, item.change)
            case Note(label=label, text=text):
                line = self._word.add_paragraph(style="Note")
                if label:
                    self._tracker.write(line, f"{label} ", item.change, bold=True)
                self._tracker.write(line, text, item.change)
            case Bullets():
                self._list(item.block, item.change)
            case Terms(entries=entries):
                for term, meaning in entries:
                    line = self._word.add_paragraph(style="Term")
                    self._tracker.write(line, term, item.change, bold=True)
                    line.add_run(self._words.dash)
                    self._tracker.write(line, meaning, item.change)
            case Table():
                self._table(item.block, item)
            case Figure():
                self._figure(item.block, item)

    def _list(self, block: Bullets, change: Change | None) -> None:
        number = self._fresh_list() if block.numbered else None
        for one in block.items:
            style = "List Number" if block.numbered else "List Bullet"
            line = self._word.add_paragraph(style=style)
            if number is not None:
                numbered = element("numPr")
                numbered.append(element("ilvl", val="0"))
                numbered.append(element("numId", val=str(number)))
                inside = line._element.get_or_add_pPr()
                inside.append(numbered)
                in_order(inside)
            self._tracker.write(line, one, change)

    def _fresh_list(self) -> int:
        """The number of a list that begins with one again."""
        numbering = self._word.part.numbering_part.element
        style = self._word.styles["List Number"].element
        used = style.find(f"{qn('w:pPr')}/{qn('w:numPr')}/{qn('w:numId')}").get(qn("w:val"))
        nums = numbering.findall(qn("w:num"))
        old = next(one for one in nums if one.get(qn("w:numId")) == used)
        number = max(int(one.get(qn("w:numId"))) for one in nums) + 1
        fresh = element("num", numId=str(number))
        fresh.append(element("abstractNumId", val=old.find(qn("w:abstractNumId")).get(qn("w:val"))))
        restart = element("lvlOverride", ilvl="0")
        restart.append(element("startOverride", val="1"))
        fresh.append(restart)
        numbering.append(fresh)
        return number

    def _caption(self, item: Item, kind: str, caption: str) -> None:
        """The number is a field, so that Word counts on."""
        line = self._word.add_paragraph(style="Caption")
        number = item.caption.removeprefix(kind).split()[0]
        line.add_run(f"{kind} ")
        add_field(line, f"SEQ {kind} \\* ARABIC", number)
        line.add_run(legal(f"{self._words.dash}{caption}"))

    def _table(self, table: Table, item: Item) -> None:
        laid = layout(table)
        if item.change is Change.CHANGED and not table.marks:
            self._word.add_paragraph(self._words.changes[Change.CHANGED], style="Note")
        self._caption(item, self._words.table, table.caption)
        made = self._word.add_table(1 + len(table.rows), len(table.header))
        _shape(made, table, laid)
        columns = len(table.header)
        flat = made._cells
        cells = [flat[start : start + columns] for start in range(0, len(flat), columns)]
        for column, text in enumerate(table.header):
            self._cell(cells[0][column], text, None, laid, bold=True)
        for place, row in enumerate(table.rows):
            change = table.marks.get(place) or item.change
            if change is not None:
                self._tracker.row(made.rows[place + 1]._tr, change)
            for column, text in enumerate(row[: len(table.header)]):
                bold = column == 0 and table.row_headers
                self._cell(cells[place + 1][column], text, change, laid, bold=bold)
        self._word.add_paragraph().paragraph_format.space_after = Pt(4)

    def _cell(
        self, cell: _Cell, text: str, change: Change | None, laid: Layout, *, bold: bool
    ) -> None:
        line = cell.paragraphs[0]
        line.paragraph_format.space_after = Pt(1)
        line.paragraph_format.line_spacing = 1.0
        self._tracker.write(line, text, change, bold=bold)
        for run in line._element.iter(qn("w:r")):
            size = element("sz", val=str(round(laid.size * 2)))
            run.get_or_add_rPr().append(size)

    def turn(self, *, landscape: bool) -> None:
        sheet = self._word.add_section(WD_SECTION.NEW_PAGE)
        sides = (Mm(297), Mm(210)) if landscape else (Mm(210), Mm(297))
        sheet.page_width, sheet.page_height = sides
        sheet.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT

    def _figure(self, figure: Figure, item: Item) -> None:
        picture = png_of(figure.svg)
        if item.change is not None:
            self._word.add_paragraph(self._words.changes[item.change], style="Note")
        if picture is not None:
            width = min(_WIDEST_MM, picture.width * _MM_A_UNIT)
            width = min(width, _HIGHEST_MM * picture.width / picture.height)
            line = self._word.add_paragraph()
            line.paragraph_format.keep_with_next = True
            drawn = line.add_run().add_picture(io.BytesIO(picture.png), width=Mm(width))
            about = drawn._inline.docPr
            about.set("descr", legal(figure.text or figure.caption))
            about.set("title", legal(figure.caption))
        self._caption(item, self._words.figure, figure.caption)
        if picture is None:
            self._tracker.write(self._word.add_paragraph(), figure.text, item.change)


def _shape(made: WordTable, table: Table, laid: Layout) -> None:
    """Widths, lines, the row that is repeated, and the name that a screen reader tells."""
    made.autofit = False
    inside = made._tbl.tblPr
    borders = element("tblBorders")
    for side in ("top", "bottom", "insideH"):
        borders.append(element(side, val="single", sz="4", space="0", color="B9C4BF"))
    inside.append(borders)
    look = inside.find(qn("w:tblLook"))
    if look is not None:
        inside.remove(look)
    first = "1" if table.row_headers else "0"
    inside.append(
        element(
            "tblLook",
            val="04A0" if table.row_headers else "0420",
            firstRow="1",
            lastRow="0",
            firstColumn=first,
            lastColumn="0",
            noHBand="1",
            noVBand="1",
        )
    )
    inside.append(element("tblCaption", val=legal(table.caption)))
    in_order(inside)
    for column, width in zip(made.columns, laid.widths, strict=True):
        column.width = Mm(width)
    for place, row in enumerate(made._tbl.tr_lst):
        properties = row.get_or_add_trPr()
        properties.append(element("cantSplit"))
        if place == 0:
            properties.append(element("tblHeader"))
        for cell, width in zip(row.tc_lst, laid.widths, strict=True):
            cell.width = Mm(width)
            if place == 0:
                cell.get_or_add_tcPr().append(
                    element("shd", val="clear", color="auto", fill="EEF2F0")
                )
