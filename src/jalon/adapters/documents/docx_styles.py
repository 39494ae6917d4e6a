"""How a DOCX looks: fonts, colours, numbers of headings, language."""

from __future__ import annotations

from docx.document import Document as WordFile
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle

from jalon.adapters.documents.docx_parts import element, heading_numbers, in_order

PINE = RGBColor(0x12, 0x43, 0x3E)
SOFT = RGBColor(0x4B, 0x60, 0x5C)
_FONT = "Calibri"
_SIZES = {1: 17, 2: 14, 3: 12, 4: 11, 5: 11, 6: 11}
_LANGUAGES = {"fr": "fr-FR", "en": "en-GB"}
_HEADINGS = 900
"""The number of the list of headings, beyond those of the template."""


def dress(word: WordFile, language: str) -> None:
    """Prepare the empty file."""
    _page(word)
    _language(word, language)
    _fonts(word)
    _headings(word)
    _own_styles(word)


def _page(word: WordFile) -> None:
    sheet = word.sections[0]
    sheet.page_width, sheet.page_height = Mm(210), Mm(297)
    sheet.left_margin = sheet.right_margin = Mm(22)
    sheet.top_margin = sheet.bottom_margin = Mm(24)


def _language(word: WordFile, language: str) -> None:
    tag = _LANGUAGES.get(language, language)
    for lang in word.styles.element.iter(qn("w:lang")):
        lang.set(qn("w:val"), tag)
        lang.set(qn("w:eastAsia"), tag)
    word.core_properties.language = tag


def _fonts(word: WordFile) -> None:
    for name in ("Normal", "Title", "Subtitle", "Caption", *(f"Heading {n}" for n in _SIZES)):
        style = word.styles[name]
        assert isinstance(style, ParagraphStyle)
        style.font.name = _FONT
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for key in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{key}"), None)
        fonts.set(qn("w:eastAsia"), _FONT)
        style.font.italic = False
    normal = word.styles["Normal"]
    assert isinstance(normal, ParagraphStyle)
    normal.font.size = Pt(10.5)
    normal.paragraph_format.space_after = Pt(7)
    normal.paragraph_format.line_spacing = 1.12
    for name, size, colour in (("Title", 30, PINE), ("Subtitle", 17, SOFT), ("Caption", 9.5, SOFT)):
        style = word.styles[name]
        assert isinstance(style, ParagraphStyle)
        style.font.size, style.font.color.rgb = Pt(size), colour
    caption = word.styles["Caption"]
    assert isinstance(caption, ParagraphStyle)
    caption.paragraph_format.keep_with_next = True
    caption.paragraph_format.space_after = Pt(3)
    for border in list(word.styles["Title"].element.iter(qn("w:pBdr"))):
        border.getparent().remove(border)


def _headings(word: WordFile) -> None:
    numbering = word.part.numbering_part.element
    abstract, use = heading_numbers(len(_SIZES), _HEADINGS)
    first = numbering.find(qn("w:num"))
    if first is None:
        numbering.append(abstract)
    else:
        first.addprevious(abstract)
    numbering.append(use)
    for level, size in _SIZES.items():
        style = word.styles[f"Heading {level}"]
        assert isinstance(style, ParagraphStyle)
        style.font.size, style.font.color.rgb, style.font.bold = Pt(size), PINE, True
        style.paragraph_format.space_before = Pt(20 if level == 1 else 14)
        style.paragraph_format.space_after = Pt(6)
        numbered = element("numPr")
        numbered.append(element("ilvl", val=str(level - 1)))
        numbered.append(element("numId", val=str(_HEADINGS)))
        inside = style.element.get_or_add_pPr()
        inside.append(numbered)
        in_order(inside)


def _own_styles(word: WordFile) -> None:
    note = word.styles.add_style("Note", WD_STYLE_TYPE.PARAGRAPH)
    assert isinstance(note, ParagraphStyle)
    note.base_style = word.styles["Normal"]
    border = element("pBdr")
    border.append(element("left", val="single", sz="24", space="8", color="B23A0E"))
    inside = note.element.get_or_add_pPr()
    inside.append(border)
    inside.append(element("shd", val="clear", color="auto", fill="FDF3EA"))
    note.paragraph_format.left_indent = Mm(4)
    in_order(inside)
    term = word.styles.add_style("Term", WD_STYLE_TYPE.PARAGRAPH)
    assert isinstance(term, ParagraphStyle)
    term.base_style = word.styles["Normal"]
    term.paragraph_format.left_indent = Mm(6)
    term.paragraph_format.first_line_indent = Mm(-6)
    contents = word.styles.add_style("Contents title", WD_STYLE_TYPE.PARAGRAPH)
    assert isinstance(contents, ParagraphStyle)
    contents.base_style = word.styles["Normal"]
    contents.font.size, contents.font.color.rgb, contents.font.bold = Pt(17), PINE, True
    for level in (1, 2):
        entry = word.styles.add_style(f"toc {level}", WD_STYLE_TYPE.PARAGRAPH)
        assert isinstance(entry, ParagraphStyle)
        entry.base_style = word.styles["Normal"]
        entry.paragraph_format.space_after = Pt(2)
        entry.paragraph_format.left_indent = Mm(6 * (level - 1))
