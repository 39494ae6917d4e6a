"""Somebody changes the design in the browser: the same files, comments kept, faults shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from school import School, visiting

from jalon.app.design.entries import Entries, spot_of
from jalon.app.language import language
from jalon.app.solution import load
from jalon.run.journal import Kind
from jalon.vocab.errors import UsageError
from jalon.web.pages.entries.inputs import changes, filled, inputs_of, read
from jalon.web.pages.entries.known import known_ids

EXAMPLES = Path(__file__).parents[2] / "examples"
LISTS = [
    ("solution", "requirements"),
    ("solution", "personas"),
    ("solution", "existing_systems"),
    ("architecture", "components"),
    ("architecture", "flows"),
    ("architecture", "decisions"),
    ("security", "controls"),
    ("tests/plan", "cases"),
]
WHOLE = [("solution", "problem"), ("solution", "client")]


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


@pytest.mark.parametrize("example", ["school-air", "cold-chain"])
@pytest.mark.parametrize(("part", "dotted"), [*LISTS, *WHOLE])
def test_a_form_that_is_sent_as_it_is_changes_nothing(example: str, part: str, dotted: str) -> None:
    folder = EXAMPLES / example
    if not (folder / f"{part}.yaml").is_file():
        pytest.skip("the example has no such file")
    blueprint = load(folder).blueprint
    spot = spot_of(part, dotted)
    inputs = inputs_of(spot.model, known_ids(blueprint, language("fr")))
    entries = Entries(folder)
    names = re.findall(r"^  - (?:\{)?id: ([\w-]+)", (folder / f"{part}.yaml").read_text(), re.M)
    found = []
    for name in names if spot.listed else [""]:
        try:
            found.append(entries.read(spot, name).value)
        except UsageError:
            continue  # of another list of the file
    assert found
    for value in found:
        assert changes(inputs, value, read(inputs, filled(inputs, value))) == {}


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
