"""Many devices from a CSV file: read, reported line by line, and added when a person says so."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile
from fastapi.responses import HTMLResponse

from jalon.app.provisioning import Fields
from jalon.run.fleet import Device
from jalon.vocab.errors import JalonError, UsageError
from jalon.vocab.text import N_, Text
from jalon.web.desks import Desks, problems
from jalon.web.shell import Page, PageDep

router = APIRouter()
COLUMNS = (*Device.model_fields, "secret")
REQUIRED = ("id", "name", "thing", "site")


@router.get("/provision/import")
def ask(page: PageDep, _desks: Desks) -> HTMLResponse:
    """Where the file is given."""
    return _ask(page)


@router.post("/provision/import")
def preview(
    page: PageDep,
    desks: Desks,
    file: Annotated[UploadFile | None, File()] = None,
    pasted: Annotated[str, Form()] = "",
) -> HTMLResponse:
    """What would become of each line; nothing is written."""
    try:
        text = _text(file.file.read()) if file and file.size else pasted
        report = desks.provisioning.add_many(rows(text), dry_run=True)
    except JalonError as error:
        return _ask(page, problems(page, error), pasted)
    return page.render("provision/preview.html", report=report, text=text)


@router.post("/provision/import/confirm")
def confirm(
    page: PageDep,
    desks: Desks,
    text: Annotated[str, Form()],
    issue: Annotated[bool, Form()] = False,
    skip: Annotated[bool, Form()] = False,
) -> HTMLResponse:
    """Add the lines that are good, and show the new secrets this once."""
    try:
        report = desks.provisioning.add_many(rows(text), issue=issue, skip_refused=skip)
    except JalonError as error:
        return _ask(page, problems(page, error), text)
    secrets = io.StringIO()
    writer = csv.writer(secrets, lineterminator="\n")
    writer.writerows([("id", "secret"), *((one.identity, one.secret) for one in report.secrets)])
    return page.render(
        "provision/imported.html",
        report=report,
        notes=[page.say(note) for note in report.notes],
        secrets=secrets.getvalue() if report.secrets else "",
    )


def rows(text: str) -> Sequence[tuple[int, Fields]]:
    """The lines as fields, each with its number. Raises UsageError for what is no such table."""
    lines = io.StringIO(text.lstrip("\ufeff"), newline="")
    first = text.lstrip("\ufeff").partition("\n")[0]
    reader = csv.DictReader(lines, delimiter=";" if first.count(";") > first.count(",") else ",")
    names = [name.strip().lower() for name in reader.fieldnames or ()]
    if missing := [name for name in REQUIRED if name not in names]:
        message = N_("The first line names the columns; these are missing: {names}.")
        raise UsageError(Text(message, {"names": ", ".join(missing)}))
    if unknown := [name for name in names if name not in COLUMNS]:
        message = N_("These columns are unknown: {names}. Known ones: {known}.")
        known = ", ".join(COLUMNS)
        raise UsageError(Text(message, {"names": ", ".join(unknown), "known": known}))
    reader.fieldnames = names
    try:
        found = [(reader.line_num, _fields(row)) for row in reader if any(row.values())]
    except csv.Error as error:
        message = N_("Line {line} cannot be read: {reason}.")
        where = {"line": reader.line_num, "reason": str(error)}
        raise UsageError(Text(message, where)) from None
    if not found:
        raise UsageError(Text(N_("There is no device in it: only the names of the columns.")))
    return found


def _fields(row: dict[str, str | None]) -> Fields:
    """What is written in a line; cells beyond the columns count as a fault of the line."""
    return {name: text.strip() for name, text in row.items() if isinstance(text, str) and text}


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(Text(N_("The file is not UTF-8: save it as “CSV UTF-8”."))) from None


def _ask(page: Page, wrong: list[str] | None = None, pasted: str = "") -> HTMLResponse:
    return page.render(
        "provision/import.html",
        status_code=422 if wrong else 200,
        problems=wrong,
        pasted=pasted,
        columns=COLUMNS,
        required=REQUIRED,
    )
