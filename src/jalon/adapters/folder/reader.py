"""The files of a solution folder as the domains' models, with a place for every fault."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from jalon.adapters.folder import csv_reader, json_reader, yaml_reader
from jalon.adapters.folder.document import Document, Draft
from jalon.adapters.folder.explain import explain
from jalon.adapters.folder.markdown_files import TEMPLATES
from jalon.adapters.folder.plain_text import decode
from jalon.design.spec.solution import SolutionFile
from jalon.run.fleet import DevicesFile, Fleet, SitesFile
from jalon.run.things import ThingModel
from jalon.vocab.entries import is_identifier
from jalon.vocab.finding import Finding, Mark, Place, Remark, Severity
from jalon.vocab.references import nearest
from jalon.vocab.text import N_, Text

M = TypeVar("M", bound=BaseModel)

TOP_FILES = (
    "solution.yaml",
    "architecture.yaml",
    "links.yaml",
    "security.yaml",
    "ebios.yaml",
    "privacy.yaml",
    "regulation.yaml",
    "accessibility.yaml",
    "watch.yaml",
    "sizing.yaml",
    "choices.yaml",
    "prototype.yaml",
    "documents.yaml",
    "reviews.yaml",
    "calendars.yaml",
    "notifications.yaml",
    "alarms.yaml",
    "commands.yaml",
    "updates.yaml",
    "integrations.yaml",
)
FLEET_FILES = ("sites.yaml", "devices.yaml", "devices.csv", "groups.yaml")
THING_ENDINGS = (".tm.yaml", ".tm.json")
_DATA_ENDINGS = (".yaml", ".yml", ".json", ".csv")


class FolderReader:
    """Reads one folder once. What could not be read is None (or left out) and has findings."""

    def __init__(self, folder: Path) -> None:
        self.findings: list[Finding] = []
        self.unread_things: set[str] = set()
        self.folder = folder
        self._documents: dict[str, Document] = {}

    def solution(self) -> SolutionFile | None:
        """`solution.yaml`, the one file that must be there."""
        if not (self.folder / "solution.yaml").is_file():
            self._note(
                "file.missing",
                Severity.ERROR,
                "solution.yaml",
                Text(N_("The file is missing; it says what the solution is for.")),
                Text(N_("“jalon new” makes a folder that has one.")),
            )
            return None
        return self._model("solution.yaml", SolutionFile)

    def optional(self, name: str, model: type[M]) -> M | None:
        """A file that need not be there: without it, what the model says of an empty one."""
        if not (self.folder / name).is_file():
            return model()
        return self._model(name, model)

    def several(self, folder: str, model: type[M]) -> dict[str, M]:
        """The files of a folder, such as `rules`, by name without `.yaml`."""
        files: dict[str, M] = {}
        for path in self._files(folder):
            name = f"{folder}/{path.name}"
            if path.suffix == ".yaml":
                if found := self._model(name, model):
                    files[path.stem] = found
            elif path.suffix in _DATA_ENDINGS:
                text = N_("Files of {folder} end in .yaml.")
                self._ignored(name, Text(text, {"folder": f"{folder}/"}))
        return files

    def things(self) -> dict[str, ThingModel]:
        """Thing Models by id."""
        models: dict[str, ThingModel] = {}
        for path in self._files("things"):
            name = f"things/{path.name}"
            ending = next((end for end in THING_ENDINGS if path.name.endswith(end)), None)
            if ending is None:
                if path.suffix in _DATA_ENDINGS:
                    self._ignored(name, Text(N_("Thing Models end in .tm.yaml or .tm.json.")))
                continue
            thing = path.name.removesuffix(ending)
            if not is_identifier(thing):
                text = Text(
                    N_("The file's name gives the thing its id, and “{id}” is none."), {"id": thing}
                )
                hint = Text(N_("Use letters without accents, digits, “-” and “_”."))
                self._note("file.name", Severity.ERROR, name, text, hint)
            elif thing in models or thing in self.unread_things:
                text = Text(N_("There are two Thing Models “{id}”."), {"id": thing})
                self._note("file.twice", Severity.ERROR, name, text)
            elif model := self._model(name, ThingModel):
                models[thing] = model
            else:
                self.unread_things.add(thing)
        return models

    def fleet(self) -> Fleet | None:
        """Sites and devices of `fleet/`; empty ones when the files are not there."""
        names = {path.name for path in self._files("fleet")}
        for name in sorted(names - set(FLEET_FILES)):
            if name.endswith(_DATA_ENDINGS):
                self._ignored(f"fleet/{name}", nearest(name, FLEET_FILES))
        sites: SitesFile | None = SitesFile()
        devices: DevicesFile | None = DevicesFile()
        if "sites.yaml" in names:
            sites = self._model("fleet/sites.yaml", SitesFile)
        if {"devices.yaml", "devices.csv"} <= names:
            text = Text(
                N_("Devices stand in devices.yaml as well; only one of the two can be read.")
            )
            self._note("file.twice", Severity.ERROR, "fleet/devices.csv", text)
            devices = None
        elif "devices.yaml" in names:
            devices = self._model("fleet/devices.yaml", DevicesFile)
        elif "devices.csv" in names:
            devices = self._devices_csv()
        if sites is None or devices is None:
            return None
        return Fleet(sites=sites.sites, devices=devices.devices)

    def look_around(self) -> None:
        """Note the files at the top that nothing reads: a wrong name is easily overlooked."""
        for path in self._files("."):
            if path.name not in TOP_FILES and path.suffix in (".yaml", ".yml"):
                self._ignored(path.name, nearest(path.name, TOP_FILES))

    def finding(self, remark: Remark) -> Finding:
        """A domain's remark with its place in the files."""
        return Finding(
            remark.rule, remark.severity, self._place(remark.at), remark.text, remark.hint
        )

    def _place(self, mark: Mark) -> Place:
        document = self._documents.get(mark.part)
        if document is None and mark.part.startswith(TEMPLATES) and mark.path:
            return Place(f"{mark.part}.md", int(mark.path[0]), mark.offset + 1)
        if document is None:
            return Place(mark.part)
        return document.place(mark.path, on_key=mark.on_key, offset=mark.offset)

    def _files(self, under: str) -> Sequence[Path]:
        folder = self.folder / under
        if not folder.is_dir():
            return ()
        return sorted(
            path for path in folder.iterdir() if not path.name.startswith(".") and path.is_file()
        )

    def _ignored(self, name: str, hint: Text) -> None:
        text = Text(N_("Nothing reads this file."))
        self._note("file.ignored", Severity.WARNING, name, text, hint)

    def _note(
        self, rule: str, severity: Severity, name: str, text: Text, hint: Text | None = None
    ) -> None:
        self.findings.append(Finding(rule, severity, Place(name), text, hint))

    def _document(self, name: str) -> Document | None:
        draft = Draft(name)
        try:
            raw = (self.folder / name).read_bytes()
        except OSError as error:
            text = Text(N_("The file cannot be read: {problem}."), {"problem": error.strerror})
            self._note("file.unreadable", Severity.ERROR, name, text)
            return None
        content = decode(raw, draft)
        document = None
        if content is not None:
            if name.endswith(".csv"):
                document = csv_reader.read(content, draft, "devices")
            elif name.endswith(".json"):
                document = json_reader.read(content, draft)
            else:
                document = yaml_reader.read(content, draft)
        self.findings += draft.findings
        if document is not None:
            part = name
            for ending in (*THING_ENDINGS, ".yaml", ".csv"):
                part = part.removesuffix(ending)
            self._documents[part] = document
        # A file with a fault in its form is shown with that fault alone.
        return None if draft.findings else document

    def _model(self, name: str, model: type[M]) -> M | None:
        document = self._document(name)
        if document is None:
            return None
        try:
            # By way of JSON: strict there means that an ISO date is a date but "12" no number.
            text = json.dumps(document.value)
            return model.model_validate_json(text, strict=True, by_alias=True, by_name=False)
        except ValidationError as error:
            self.findings += explain(error.errors(include_url=False), document, model)
            return None

    def _devices_csv(self) -> DevicesFile | None:
        document = self._document("fleet/devices.csv")
        if document is None:
            return None
        try:
            # Not strict: every cell of a CSV file is a text.
            return DevicesFile.model_validate(_split_tags(document.value))
        except ValidationError as error:
            self.findings += explain(error.errors(include_url=False), document, DevicesFile)
            return None


def _split_tags(value: object) -> object:
    """Tags stand in one cell, separated by spaces."""
    assert isinstance(value, Mapping)
    rows = [
        {**row, "tags": row["tags"].split()} if "tags" in row else row for row in value["devices"]
    ]
    return {"devices": rows}
