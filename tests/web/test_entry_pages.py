"""Somebody changes the design in the browser: the same files, comments kept, faults shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import httpx
import pytest
import yaml
from fastapi import FastAPI
from pydantic import BaseModel
from school import School, visiting

from jalon.adapters.folder import edit, yaml_reader
from jalon.adapters.folder.document import Draft
from jalon.app.design.entries import EDITED, Entries, Spot, model_in, spot_of
from jalon.app.language import language
from jalon.app.schemas import KINDS
from jalon.app.solution import load
from jalon.run.journal import Kind
from jalon.web.pages.entries.inputs import (
    Input,
    Options,
    Shape,
    changes,
    filled,
    inputs_of,
    read,
)
from jalon.web.pages.entries.known import known_ids

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def files(school: School) -> Iterator[Path]:
    """The folder of the running school; its files come back after the test."""
    folder = school.running.solution.folder
    before = {path: path.read_bytes() for path in folder.glob("*.yaml")}
    yield folder
    for path, content in before.items():
        path.write_bytes(content)
    school.running.reload()


def form_of(page: httpx.Response) -> dict[str, list[str]]:
    """What a browser would send of the page's first form, as it stands."""
    html = page.text
    form = html[html.index('class="entry"') :]
    form = form[: form.index("</form>")]
    sent: dict[str, list[str]] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name = re.search(r'name="([^"]*)"', tag)
        if name and ('type="checkbox"' not in tag or " checked" in tag):
            value = re.search(r'value="([^"]*)"', tag)
            sent.setdefault(name.group(1), []).append(unescaped(value.group(1) if value else "on"))
    for name, text in re.findall(
        r'<textarea [^>]*name="([^"]*)"[^>]*>\n?(.*?)</textarea>', form, re.S
    ):
        sent[name] = [unescaped(text)]
    for name, inner in re.findall(r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', inner)
        sent[name] = [unescaped(chosen.group(1)) if chosen else ""]
    return sent


def unescaped(text: str) -> str:
    """HTML's entities as characters."""
    for entity, sign in (("&#34;", '"'), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">")):
        text = text.replace(entity, sign)
    return text.replace("&amp;", "&")


def spots(model: type[BaseModel], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every list and mapping of entries that a file of that model may have."""
    for key, info in model.model_fields.items():
        path = (*above, info.alias or key)
        if inner := model_in(info.annotation):
            yield path
            if not inner[1]:
                yield from spots(inner[0], path)


def parts_of(folder: Path) -> Iterator[tuple[str, type[BaseModel]]]:
    """The files of the design that are there, each with its model."""
    models = {one.name: one.model for one in KINDS}
    for part in sorted(EDITED):
        if (folder / f"{part}.yaml").is_file():
            yield part, models[part]
    for path in sorted((folder / "tests").glob("*.yaml")):
        yield f"tests/{path.stem}", models["tests"]


def at(value: object, path: Iterable[str]) -> object:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def written(inputs: Sequence[Input], value: object) -> Iterator[tuple[Input, object]]:
    """Each input, also of groups, with what the file says there."""
    for one in inputs:
        inside = value.get(one.key) if isinstance(value, Mapping) else None
        if one.shape is Shape.GROUP:
            yield from written(one.parts, inside)
        elif inside is not None:
            yield one, inside


@pytest.mark.parametrize("example", ["school-air", "cold-chain"])
def test_a_form_that_is_sent_as_it_is_changes_nothing(example: str) -> None:
    """Of every entry of every file. And what every input says of it can be written into the file
    and is read again as the same."""
    folder = EXAMPLES / example
    options = known_ids(load(folder).blueprint, language("fr"))
    told: set[str] = set()
    for part, model in parts_of(folder):
        raw = (folder / f"{part}.yaml").read_bytes()
        file = yaml.load(raw, Loader=yaml.CBaseLoader)
        for path in spots(model):
            spot = spot_of(part, ".".join(path))
            there = at(file, path)
            ids = [one["id"] for one in there if "id" in one] if isinstance(there, list) else []
            for name in [""] if there and not spot.listed else ids:
                check_form(folder, spot, name, raw, options)
                told.add(part)
    assert told >= {"solution", "architecture", "security", "ebios", "privacy", "sizing", "watch"}


def check_form(folder: Path, spot: Spot, name: str, raw: bytes, options: Options) -> None:
    where = f"{spot.file}: {'.'.join(spot.path)} {name}"
    inputs = inputs_of(spot.model, options)
    value = Entries(folder).read(spot, name).value
    for one, said in written(inputs, value):
        if one.shape is Shape.CHOICE:
            assert str(said) in dict(one.options), f"{where}: {one.name} offers something else"
        elif one.shape in (Shape.TEXT, Shape.NUMBER, Shape.DATE):
            assert not isinstance(said, list | dict), where
            assert "\n" not in str(said), f"{where}: an input of one line drops line breaks"
    sent = read(inputs, filled(inputs, value))
    assert not sent.wrong, where
    assert changes(inputs, value, sent) == {}, where
    if spot.listed:
        assert edit.entry_changed(raw, spot.path, name, {}) == raw
    again = {key: one for key, one in sent.value.items() if key in value}
    write = partial(edit.entry_changed, raw, spot.path, name) if spot.listed else None
    new = write(again) if write else edit.mapping_changed(raw, spot.path, again)
    document = yaml_reader.read(new.decode(), Draft(""))
    assert document is not None
    found = at(document.value, spot.path)
    if spot.listed:
        assert isinstance(found, list)
        found = next(one for one in found if str(one.get("id")) == name)
    assert isinstance(found, dict)
    assert read(inputs, filled(inputs, found)) == sent, where


def test_a_measure_is_typed_in_and_not_chosen(client: httpx.Client) -> None:
    for place in ("solution/requirements/R-CO2", "prototype/hypotheses/H-LIGHT"):
        page = client.get(f"/design/edit/{place}").text
        assert re.search(r'<input id="measure" name="measure" value="[a-z]', page), place


@pytest.mark.parametrize(
    ("place", "name", "value", "line"),
    [
        ("solution/objectives/O1", "statement.en", "Air: better.", '"Air: better."'),
        ("architecture/components/jalon", "technology", "Jalon: one", '"Jalon: one"'),
        ("security/controls/C-KEYS", "name.en", "Keys, one each", '"Keys, one each"'),
        ("privacy/data/air", "name.en", "Air: its values", '"Air: its values"'),
        ("sizing/devices/air-sensors", "sleep_ua", "low: 1\ntypical: 2\nhigh: 4", "typical: 2"),
        ("watch/sources/radio", "name.en", "Radio: news", '"Radio: news"'),
        ("ebios/feared_events/E-FALSE", "name.en", "False: values", '"False: values"'),
        ("choices/bricks/chirpstack", "purpose.en", "ChirpStack: reused", '"ChirpStack: reused"'),
        ("documents/glossary/co2", "meaning.en", "A gas: of breath.", '"A gas: of breath."'),
        ("regulation/charter/upkeep", "text.en", "Upkeep: planned.", '"Upkeep: planned."'),
        ("accessibility/needs/N-colour", "text.en", "Colours: few.", '"Colours: few."'),
    ],
)
def test_one_field_is_changed_in_each_file(
    client: httpx.Client, files: Path, place: str, name: str, value: str, line: str
) -> None:
    part = place.split("/", 1)[0]
    form = form_of(client.get(f"/design/edit/{place}"))
    assert name in form
    form[name] = [value]
    answer = client.post(f"/design/edit/{place}", data={**form, "action": ["save"]})
    assert answer.status_code == 303, answer.text
    assert line in (files / f"{part}.yaml").read_text(encoding="utf-8")


def test_a_requirement_is_changed_in_its_file_and_everything_else_stays(
    client: httpx.Client, school: School, files: Path
) -> None:
    address = "/design/edit/solution/requirements/R-CO2"
    before = (files / "solution.yaml").read_bytes()
    form = form_of(client.get(address))
    assert form["priority"] == ["must"]
    form["priority"] = ["should"]
    answer = client.post(address, data={**form, "action": ["save"]})
    assert answer.status_code == 303
    after = (files / "solution.yaml").read_bytes()
    lines = zip(before.splitlines(), after.splitlines(), strict=True)
    assert [new for old, new in lines if old != new] == [b"    priority: should"]
    wanted = school.running.solution.about.requirements
    assert next(one.priority for one in wanted if one.id == "R-CO2") == "should"
    assert school.running.journal.read(limit=1)[0].kind is Kind.DESIGN_SAVED
    assert "Saved" in client.get(answer.headers["location"]).text


def test_a_fault_is_shown_beside_its_input_and_nothing_is_written(
    client: httpx.Client, files: Path
) -> None:
    address = "/design/edit/solution/requirements/R-CO2"
    before = (files / "solution.yaml").read_bytes()
    form = form_of(client.get(address))
    form["measure"] = ["device.report_interval p95 <= ten min"]
    answer = client.post(address, data={**form, "action": ["save"]})
    assert answer.status_code == 422
    shown = answer.text[answer.text.index('id="measure"') :]
    assert "A number is expected here" in shown[: shown.index("</div>")]
    assert 'value="device.report_interval p95 &lt;= ten min"' in answer.text
    assert (files / "solution.yaml").read_bytes() == before


def test_an_entry_is_added_and_taken_away(client: httpx.Client, files: Path) -> None:
    before = (files / "solution.yaml").read_bytes()
    form = form_of(client.get("/design/add/solution/personas"))
    form |= {"id": ["paul"], "name": ["Paul"], "role.fr": ["Parent"], "role.en": ["Parent"]}
    form["goals.0.en"] = ["Know that the air is good"]
    answer = client.post("/design/add/solution/personas", data={**form, "action": ["save"]})
    assert answer.status_code == 303
    written = (files / "solution.yaml").read_text()
    assert "- id: paul\n    name: Paul\n    role: Parent\n" in written
    address = "/design/edit/solution/personas/paul"
    form = form_of(client.get(address))
    answer = client.post(address, data={**form, "action": ["remove"]})
    assert answer.status_code == 303
    assert (files / "solution.yaml").read_bytes() == before


def test_what_others_refer_to_is_not_taken_away(client: httpx.Client, files: Path) -> None:
    before = (files / "solution.yaml").read_bytes()
    address = "/design/edit/solution/objectives/O1"
    form = form_of(client.get(address))
    answer = client.post(address, data={**form, "action": ["remove"]})
    assert answer.status_code == 422
    assert "refers to it" in answer.text
    assert (files / "solution.yaml").read_bytes() == before


def test_two_people_do_not_overwrite_each_other(client: httpx.Client, files: Path) -> None:
    address = "/design/change/solution/problem"
    form = form_of(client.get(address))
    path = files / "solution.yaml"
    path.write_bytes(path.read_bytes() + b"\n# by somebody else\n")
    form["statement.en"] = ["Another problem."]
    answer = client.post(address, data={**form, "action": ["save"]})
    assert answer.status_code == 422
    assert "changed by somebody else" in answer.text
    assert b"Another problem" not in path.read_bytes()


def test_strangers_are_sent_to_sign_in_and_other_files_do_not_exist(
    client: httpx.Client, app: FastAPI
) -> None:
    addresses = ("edit/links/links/x", "edit/solution/nothing/x", "add/tests/../x/cases")
    for address in (*addresses, "edit/solution/requirements/R-NONE", "add/../secrets/x"):
        assert client.get(f"/design/{address}").status_code == 404
    with visiting(app) as nobody:
        answer = nobody.get("/design/edit/solution/requirements/R-CO2")
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/login")


def test_the_address_to_go_back_to_is_one_of_ours(client: httpx.Client) -> None:
    page = client.get("/design/add/solution/personas?back=//evil.example/x")
    assert '<p class="trail"><a href="/">' in page.text
