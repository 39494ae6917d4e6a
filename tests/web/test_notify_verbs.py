"""`jalon notify` speaks to a running solution."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import orjson
import pytest
import yaml
from click.testing import CliRunner, Result
from letterboxes import mail_server
from school import School, Web

from jalon.app.local import Endpoint, RunFile, clear_run, write_run
from jalon.app.notices.service import Notices
from jalon.cli.verbs import notify
from jalon.run.notices.delivery import Search
from jalon.run.notices.spec import NotificationsFile

YAML = """
outlets:
  - {{id: mail, kind: smtp, host: localhost, port: {port}, security: none, from: j@example.org}}
people:
  - {{id: awa, name: Awa, channels: [{{outlet: mail, address: awa@example.org}}]}}
rotas:
  - {{id: night, name: Night watch, zone: Europe/Paris, starts: 2026-01-05, people: [awa]}}
"""


@pytest.fixture
def folder(web: Web) -> Iterator[str]:
    """The folder of the school, whose run file tells where it answers; its mail server is gone."""
    running = web.school.running
    before = running.solution
    with mail_server() as gone:
        pass
    written = NotificationsFile.model_validate(yaml.safe_load(YAML.format(port=gone.port)))
    running.solution = replace(before, control=replace(before.control, notifications=written))
    here = Endpoint("127.0.0.1", urlsplit(web.url).port or 0)
    write_run(before.folder, RunFile(os.getpid(), here, here))
    yield str(before.folder)
    clear_run(before.folder)
    running.solution = before


def notices(school: School) -> Notices:
    return school.running.control.notices


def run(*words: str) -> Result:
    return CliRunner().invoke(notify.command, list(words))


def test_a_message_is_tried_listed_sent_again_and_given_up(folder: str, school: School) -> None:
    tried = run("test", folder, "awa", "--wait", "0")
    assert tried.exit_code == 1  # nothing sends here by itself
    while notices(school).outbox.deliver_next():
        pass
    [waiting] = orjson.loads(run("list", folder, "--person", "awa", "--format", "json").stdout)
    assert waiting["state"] == "queued"
    assert "localhost cannot be reached" in run("list", folder, "--state", "queued").stdout

    number = str(waiting["id"])
    assert run("retry", folder, number).exit_code == 0
    assert run("give-up", folder, number).exit_code == 0
    assert run("give-up", folder, number).exit_code == 1
    [found] = notices(school).outbox.records.find(Search(person="awa"))
    assert found.state.value == "given-up"
    assert str(found.error) == "Given up by operator."


def test_who_is_on_call(folder: str) -> None:
    assert "Night watch" in run("on-call", folder).stdout
    [rota] = orjson.loads(run("on-call", folder, "--format", "json").stdout)
    assert {one["person"] for one in rota["shifts"]} == {"awa"}


def test_a_person_nobody_knows_is_an_error(folder: str) -> None:
    done = run("test", folder, "nobody")
    assert done.exit_code == 1
    assert "There is no person nobody." in str(done.exception)
