"""The text of a file of rules: checked and back-tested before it is saved."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from jalon.app.rules.files import LONGEST, Tried
from jalon.app.rules.service import Rules
from jalon.app.rules.starting import TEMPLATES, started
from jalon.app.rules.testing import Tested, run_tests
from jalon.vocab.errors import JalonError, SolutionError
from jalon.vocab.finding import Finding, Severity
from jalon.vocab.text import N_, Text
from jalon.web.pages.rules.shared import DAYS, Shown, Told, service, tried
from jalon.web.problems import Refused
from jalon.web.shell import Page, PageDep

router = APIRouter()

_MOST_RULES = 4
"""Rules of a file that are back-tested at once."""


def changeable(page: PageDep) -> Rules:
    """The rules, for administrators. Raises Refused (403, 503)."""
    if page.visitor is None or not page.visitor.may_change:
        raise Refused(403, Text(N_("Only an administrator may do this.")))
    return service(page)


Changeable = Annotated[Rules, Depends(changeable)]
Name = Annotated[str, Form(max_length=64)]


class Typed(BaseModel):
    """The form of the text. `seal` stands for what was checked last."""

    text: str = Field(default="", max_length=2 * LONGEST)
    stamp: str = Field(default="", max_length=64)
    seal: str = Field(default="", max_length=64)
    action: Literal["check", "save"] = "check"
    days: int = Field(default=7, ge=1, le=60)


@dataclass(frozen=True, slots=True)
class Compared:
    """A rule of the file: with the text, and as it is in force; None where there is none."""

    rule: str
    title: str
    new: Shown | None
    now: Shown | None
    trouble: str = ""


@dataclass(frozen=True)
class Sheet:
    """The page: the text, the file it is to replace, and what was found."""

    file: str
    text: str
    stamp: str
    days: int = 7
    checked: Tried | None = None
    compared: tuple[Compared, ...] = ()
    tests: tuple[Tested, ...] = ()
    wrong: str = ""
    saved: bool = False

    @property
    def seal(self) -> str:
        """Stands for the text as it was checked; "" when it has faults."""
        return _seal(self.text) if self.checked and not self.errors else ""

    @property
    def errors(self) -> list[Finding]:
        """What would keep the solution from loading."""
        found = self.checked.findings if self.checked else ()
        return [one for one in found if one.severity is Severity.ERROR]


@router.post("/rule-files")
def create(page: PageDep, rules: Changeable, name: Name = "", template: str = Form("")) -> Response:
    """A new file begins with a template; an existing one is opened."""
    rules.files.read(name.strip())
    kind = template if template in TEMPLATES else next(iter(TEMPLATES))
    return RedirectResponse(f"/rule-files/{name.strip()}?template={kind}", 303)


@router.get("/rule-files/{file}")
def edit(
    page: PageDep,
    rules: Changeable,
    file: str,
    template: Annotated[str, Query(max_length=20)] = "",
    saved: bool = False,
) -> HTMLResponse:
    """The text as it is on disk."""
    found = rules.files.read(file)
    text = found.text
    if not found.stamp:
        if template not in TEMPLATES:
            raise Refused(404)
        text = started(page.context.running.solution, file, template)
    return _sheet(page, Sheet(file, text, found.stamp, saved=saved))


@router.post("/rule-files/{file}")
def change(
    page: PageDep, rules: Changeable, file: str, typed: Annotated[Typed, Form()]
) -> Response:
    """Check and back-test the text, or save one that was checked."""
    text, stamp = typed.text.replace("\r\n", "\n"), typed.stamp
    sheet = Sheet(file, text, stamp, typed.days)
    if typed.action != "save":
        return _sheet(page, _checked(page, rules, sheet))
    if typed.seal != _seal(text):
        wrong = page.language.gettext(N_("The text has changed since it was checked; look again."))
        return _sheet(page, replace(_checked(page, rules, sheet), wrong=wrong))
    assert page.visitor is not None
    try:
        rules.save(file, text, stamp, page.visitor.name)
    except SolutionError:
        return _sheet(page, _checked(page, rules, sheet), 422)
    except JalonError as error:
        return _sheet(page, replace(sheet, wrong=page.say(error.text)), 422)
    return RedirectResponse(f"/rule-files/{file}?saved=true", 303)


def _seal(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _checked(page: Page, rules: Rules, sheet: Sheet) -> Sheet:
    """With what a check finds; without errors, with the back-tests of its rules too."""
    try:
        found = rules.files.tried(sheet.file, sheet.text)
    except JalonError as error:
        wrong = page.say(error.text)
        return replace(sheet, wrong=wrong)
    if found.solution is None:
        return replace(sheet, checked=found)
    mine = found.solution.control.rules[sheet.file].rules
    compared: list[Compared] = []
    tests: list[Tested] = []
    for number, rule in enumerate(mine):
        tests += run_tests(found.solution, rule.id, {sheet.file: sheet.text})
        if number < _MOST_RULES:
            title = rule.names().in_language(page.language.code)
            compared.append(_compared(page, sheet, rule.id, title))
    return replace(sheet, checked=found, compared=tuple(compared), tests=tuple(tests))


def _compared(page: Page, sheet: Sheet, rule_id: str, title: str) -> Compared:
    known = page.context.running.solution.control.rules.values()
    in_force = any(rule.id == rule_id for file in known for rule in file.rules)
    try:
        new = tried(page, rule_id, sheet.days, sheet.file, sheet.text)
        now = tried(page, rule_id, sheet.days) if in_force else None
    except JalonError as error:
        return Compared(rule_id, title, None, None, page.say(error.text))
    return Compared(rule_id, title, new, now)


def _sheet(page: Page, sheet: Sheet, status: int = 200) -> HTMLResponse:
    if sheet.wrong or sheet.errors:
        status = 422
    return page.render(
        "rules/edit.html", status, sheet=sheet, choices=DAYS, told=Told(page), longest=LONGEST
    )
