"""Twins, searches and tags by pages and API."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest
from fastapi import FastAPI
from school import FormToken, School, open_school, visiting

from jalon.app.local import operator_token
from jalon.run.control import StateHeard
from jalon.web.server import create

DISPLAY = "zay-canteen"
TWIN = f"/api/v1/devices/{DISPLAY}/twin"
DESIRED = f"{TWIN}/desired"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """A school of this module alone: its files are edited here."""
    folder = tmp_path_factory.mktemp("own") / "air"
    found = open_school(folder, length_ms=3_600_000)
    yield found
    found.running.store.close()
    found.running.accounts.close()
    shutil.rmtree(folder)


@pytest.fixture
def asked(own: School) -> FastAPI:
    return create(own.running)


@pytest.fixture
def program(own: School, asked: FastAPI) -> Iterator[httpx.Client]:
    """The operator's commands."""
    with visiting(asked) as found:
        found.headers["authorization"] = f"Bearer {operator_token(own.running.solution.folder)}"
        yield found


@pytest.fixture
def admin(own: School, asked: FastAPI, form_token: FormToken) -> Iterator[httpx.Client]:
    """Somebody before a browser without scripts."""
    with visiting(asked) as found:
        csrf = form_token(found.get("/login"))
        form = {"name": "admin", "password": own.password, "csrf": csrf}
        assert found.post("/login", data=form).status_code == 303
        yield found


def text(page: httpx.Response) -> str:
    """What a person reads, on one line."""
    main = page.text.partition("<main")[2]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def test_a_program_wants_something_and_is_told_the_version(program: httpx.Client) -> None:
    seen = program.get(TWIN)
    before = seen.json()["version"]
    assert seen.headers["etag"] == f'"{before}"'
    answer = program.patch(
        DESIRED,
        content=b'{"brightness": 40}',
        headers={"content-type": "application/merge-patch+json", "if-match": seen.headers["etag"]},
    )
    assert answer.status_code == 200, answer.text
    twin = answer.json()
    assert (twin["version"], twin["delta"]) == (before + 1, {"brightness": 40})
    assert twin["desired"]["brightness"]["by"] == "user:operator"
    assert twin["reported"]["brightness"]["source"] == "telemetry"
    late = program.patch(DESIRED, json={"brightness": 10}, headers={"if-match": f'"{before}"'})
    assert late.status_code == 412
    assert late.headers["etag"] == f'"{before + 1}"'
    assert "changed meanwhile" in late.json()["detail"]
    assert program.patch(DESIRED, json={"brightness": None}).json()["desired"] == {}


def test_what_is_measured_closes_the_difference(program: httpx.Client, own: School) -> None:
    program.patch(DESIRED, json={"brightness": 35})
    own.hear(DISPLAY, "brightness", 35.0)
    assert program.get(TWIN).json()["delta"] == {}
    program.patch(DESIRED, json={"brightness": None})


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"brightness": 400}, "It is at most 100 %, not 400."),
        ({"co2": 400}, "only reported"),
        ({"brigthness": 4}, "Did you mean “brightness”?"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(
    program: httpx.Client, wish: object, sentence: str
) -> None:
    answer = program.patch(DESIRED, json=wish)
    assert answer.status_code == 422
    assert sentence in answer.json()["detail"]


def test_a_device_that_reports_nonsense_does_not_break_its_page(
    admin: httpx.Client, own: School
) -> None:
    assert own.running.control
    strange: dict[str, object] = {
        "spot": {"latitude": "north", "longitude": None},
        "mark": {"latitude": [], "longitude": True},
        "script": "<script>alert(1)</script>",
    }
    own.running.control.twins.carry_out(
        StateHeard(
            at_ms=own.running.now_ms(),
            key="strange",
            by=f"device:{DISPLAY}",
            subject=f"device:{DISPLAY}",
            reported=strange,
        )
    )
    page = admin.get(f"/devices/{DISPLAY}/twin")
    assert page.status_code == 200
    assert "north" in page.text
    assert "<script>alert" not in page.text


def test_readers_tokens_want_nothing(own: School, asked: FastAPI) -> None:
    reads = own.running.accounts.create_token("reads")
    with visiting(asked) as client:
        headers = {"authorization": f"Bearer {reads}"}
        assert client.patch(DESIRED, json={}, headers=headers).status_code == 403
        body = {"devices": [DISPLAY], "add": ["x"]}
        assert client.post("/api/v1/tags", json=body, headers=headers).status_code == 403
        assert client.get(TWIN, headers=headers).status_code == 200


def test_a_person_wants_something_without_a_script(
    admin: httpx.Client, own: School, form_token: FormToken
) -> None:
    address = f"/devices/{DISPLAY}/twin"
    page = admin.get(address)
    found = re.search(r'name="version" value="(\d+)"', page.text)
    assert found
    form = {"csrf": form_token(page), "version": found[1], "p-brightness": "25"}
    assert admin.post(address, data=form).status_code == 303
    assert "1 property is not yet as it is wanted." in text(admin.get(address))
    again = admin.post(address, data={**form, "p-brightness": "26"})
    assert again.status_code == 409
    assert "changed meanwhile" in text(again)
    version = str(int(found[1]) + 1)
    wrong = admin.post(address, data={**form, "version": version, "p-brightness": "much"})
    assert wrong.status_code == 422
    assert "brightness: “much” is not such a value." in text(wrong)
    assert admin.post(address, data={**form, "version": version, "p-brightness": ""}).is_redirect
    assert own.running.control
    assert own.running.control.twins.twin(DISPLAY).desired.values == {}


def test_the_search_of_the_api_tells_where_it_goes_wrong(program: httpx.Client) -> None:
    found = program.get("/api/v1/search", params={"q": "thing = air-display", "limit": 1}).json()
    assert (found["total"], len(found["devices"])) == (4, 1)
    wrong = program.get("/api/v1/search", params={"q": "co2 > 800 and batery < 20"})
    assert wrong.status_code == 422
    assert (wrong.json()["column"], wrong.json()["hint"]) == (15, "Did you mean “battery”?")


def test_groups_say_how_many_they_are(program: httpx.Client) -> None:
    groups = {one["id"]: one for one in program.get("/api/v1/groups").json()}
    assert groups["displays"]["devices"] == 4
    members = program.get("/api/v1/search", params={"q": "group = displays"}).json()
    assert members["total"] == 4


def test_tags_are_put_on_what_is_found_and_taken_away(program: httpx.Client, own: School) -> None:
    file = own.running.solution.folder / "fleet" / "devices.csv"
    before = file.read_bytes()
    body = {"query": "thing = air-display", "add": ["night"], "remove": ["pilot"]}
    changed = program.post("/api/v1/tags", json=body).json()["changed"]
    assert DISPLAY in changed
    assert len(changed) == 4
    found = program.get("/api/v1/search", params={"q": "tag = night and not tag = pilot"}).json()
    assert found["total"] == 4
    back = {"query": "displays", "remove": ["night"]}
    assert len(program.post("/api/v1/tags", json=back).json()["changed"]) == 4
    old, new = before.splitlines(), file.read_bytes().splitlines()
    assert sum(one != other for one, other in zip(old, new, strict=True)) <= 1
    wrong = program.post("/api/v1/tags", json={"devices": [DISPLAY], "add": ["two words"]})
    assert wrong.status_code == 422


def test_a_person_changes_the_tags_of_a_device(
    admin: httpx.Client, own: School, form_token: FormToken
) -> None:
    address = f"/devices/{DISPLAY}/manage"
    device = own.running.solution.device(DISPLAY)
    assert device
    form = {"csrf": form_token(admin.get(address)), "tags": "stairs shared"}
    assert admin.post(f"/devices/{DISPLAY}/tags", data=form).status_code == 303
    found: Path = own.running.solution.folder / "fleet" / "devices.csv"
    assert "stairs" in found.read_text("utf-8")
    assert own.running.journal.read(DISPLAY, limit=1)[0].detail["by"] == "admin"


def test_the_fleet_page_takes_words_and_questions(admin: httpx.Client) -> None:
    def found(q: str) -> str:
        return text(admin.get("/fleet", params={"q": q}))

    assert "4 devices" in found("thing = air-display")
    assert "4 devices" in found("afficheur")
    assert "4 devices" in found("group = displays")
    slip = admin.get("/fleet", params={"q": "silent and batery < 3"})
    assert "Column 12: “batery” is neither a property" in text(slip)
    assert "<code>silent and <mark>batery &lt; 3</mark></code>" in slip.text


def test_tags_are_put_on_all_that_the_page_has_found(
    admin: httpx.Client, own: School, form_token: FormToken
) -> None:
    where = {"q": "thing = air-display"}
    form = {"csrf": form_token(admin.get("/fleet", params=where)), "add": "bulk", "count": "3"}
    refused = admin.post("/fleet/tags", params=where, data=form)
    assert refused.status_code == 409
    assert "These are 4 devices now." in text(refused)
    done = admin.post("/fleet/tags", params=where, data={**form, "count": "4"})
    assert done.headers["location"] == "/fleet?q=thing+%3D+air-display"
    tagged = [one for one in own.running.solution.fleet.devices if "bulk" in one.tags]
    assert {one.thing for one in tagged} == {"air-display"}
    assert len(tagged) == 4


def test_a_search_becomes_a_group_and_goes_again(
    admin: httpx.Client, own: School, form_token: FormToken
) -> None:
    csrf = form_token(admin.get("/groups", params={"query": "silent"}))
    wrong = admin.post("/groups", data={"csrf": csrf, "name": "Tired", "query": "batery < 9"})
    assert wrong.status_code == 422
    assert "Did you mean “battery”?" in text(wrong)
    good = {"csrf": csrf, "name": "Tired ones", "query": 'battery < 9 and site = "jean-zay"'}
    assert admin.post("/groups", data=good).status_code == 303
    group = own.running.solution.control.groups.group("tired-ones")
    assert group
    assert group.query == good["query"]
    assert "Tired ones" in text(admin.get("/groups"))
    assert admin.post("/groups/tired-ones/remove", data={"csrf": csrf}).status_code == 303
    assert own.running.solution.control.groups.group("tired-ones") is None
    # What a file still names cannot go.
    assert admin.post("/groups/nobody/remove", data={"csrf": csrf}).status_code == 422


def test_what_is_filtered_can_be_acted_on_as_one_search(admin: httpx.Client) -> None:
    page = admin.get("/fleet", params={"site": "jean-zay", "thing": "air-display"})
    link = re.search(r'href="/commands/bulk\?query=([^"]+)"', page.text)
    assert link
    q = unquote(html.unescape(link[1]))
    assert q == 'site = "jean-zay" and thing = "air-display"'
    assert "2 devices" in text(admin.get("/fleet", params={"q": q}))
    assert admin.get(f"/commands/bulk?query={link[1]}").status_code == 200


def test_alarms_and_versions_can_be_asked_for(program: httpx.Client) -> None:
    for q in ("alarms > 0", 'firmware.version < "99"', "pending"):
        assert program.get("/api/v1/search", params={"q": q}).status_code == 200
    known = program.get("/api/v1/search", params={"q": 'firmware.version ~ "r"'}).json()
    assert "zay-gateway" in {one["id"] for one in known["devices"]}
