"""Sources are fetched when somebody asks, within bounds, and kept so that it can be repeated."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from jalon.app.design.watching import MOST_BYTES, fetch
from jalon.app.new_solution import create
from jalon.app.solution import check, load
from jalon.cli.shell import root
from jalon.vocab.errors import UsageError

EXAMPLE = Path(__file__).parents[3] / "examples" / "school-air"
TODAY = date(2026, 11, 23)
NEWS = {
    "version": "https://jsonfeed.org/version/1.1",
    "items": [{"id": "1", "title": "MQTT news", "date_published": "2026-11-20T10:00:00Z"}],
}


@dataclass
class Newsstand:
    """A web server; `pages` are its answers by path."""

    url: str = ""
    pages: dict[str, bytes] = field(default_factory=dict)


@pytest.fixture
def stand() -> Iterator[Newsstand]:
    found = Newsstand()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = found.pages.get(self.path)
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("location", "/news")
                body = b""
            else:
                self.send_response(404 if body is None else 200)
            self.send_header("content-length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    found.pages["/news"] = json.dumps(NEWS).encode()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def folder(tmp_path: Path, stand: Newsstand) -> Path:
    found = tmp_path / "air"
    create(found, "air")
    follow(found, f"{stand.url}/news")
    return found


def follow(folder: Path, url: str) -> None:
    source = {"id": "news", "name": "News", "kind": "json-feed", "url": url, "about": ["MQTT"]}
    (folder / "watch.yaml").write_text(yaml.safe_dump({"sources": [source]}), "utf-8")


def rules(folder: Path) -> list[str]:
    return [one.rule for one in check(folder) if one.rule.startswith("watch.")]


def test_a_source_is_fetched_and_kept(folder: Path, stand: Newsstand) -> None:
    assert "watch.silent-source" in rules(folder)
    (found,) = fetch(folder, TODAY, private=True)
    assert (found.file, found.items, found.fresh) == ("watch/news.2026-11-23.json", 1, True)
    (snapshot,) = load(folder).blueprint.snapshots
    assert (snapshot.on, snapshot.kept, snapshot.items[0].title) == (TODAY, True, "MQTT news")
    (again,) = fetch(folder, date(2026, 11, 24), private=True)
    assert not again.fresh
    assert "watch.silent-source" not in rules(folder)


def test_a_snapshot_that_was_changed_is_told(folder: Path) -> None:
    fetch(folder, TODAY, private=True)
    path = folder / "watch" / "news.2026-11-23.json"
    path.write_text(path.read_text().replace("MQTT", "MQTT 5"))
    assert "watch.changed" in rules(folder)
    path.write_text("no json")
    assert "watch.unreadable" in rules(folder)
    path.rename(path.with_name("other.2026-11-23.json"))
    assert "watch.stray-file" in rules(folder)


def test_this_machine_is_asked_only_when_allowed(folder: Path) -> None:
    (found,) = fetch(folder, TODAY)
    assert found.problem is not None
    assert not (folder / "watch").exists()


@pytest.mark.parametrize(
    ("path", "content", "said"),
    [
        ("/none", None, "404"),
        ("/moved", None, "elsewhere"),
        ("/page", b"<html>Sign in", "json-feed"),
    ],
)
def test_what_is_no_feed_is_not_kept(
    folder: Path, stand: Newsstand, path: str, content: bytes | None, said: str
) -> None:
    if content is not None:
        stand.pages[path] = content
    follow(folder, stand.url + path)
    (found,) = fetch(folder, TODAY, private=True)
    assert said in str(found.problem)
    assert not (folder / "watch").exists()


def test_too_much_is_not_kept(folder: Path, stand: Newsstand) -> None:
    padding = " " * MOST_BYTES
    stand.pages["/news"] = json.dumps(NEWS | {"padding": padding}).encode()
    (found,) = fetch(folder, TODAY, private=True)
    assert found.problem is not None


def test_without_an_address_there_is_nothing_to_fetch(folder: Path) -> None:
    with pytest.raises(UsageError, match="url"):
        fetch(folder, TODAY, "other")


def test_in_the_terminal(folder: Path, tmp_path: Path) -> None:
    run = CliRunner().invoke
    done = run(root, ["design", "watch", "fetch", str(folder), "--private"], catch_exceptions=False)
    assert (done.exit_code, "✓ news: 1" in done.output) == (0, True)
    done = run(root, ["design", "watch", str(folder)], catch_exceptions=False)
    assert done.exit_code == 0
    assert "MQTT news" in done.output
    school = Path(
        shutil.copytree(EXAMPLE, tmp_path / "school-air", ignore=shutil.ignore_patterns(".jalon"))
    )
    words = ["design", "watch", "show", str(school), "--format", "json"]
    told = json.loads(run(root, words, catch_exceptions=False).stdout)
    certain = [one for one in told["items"] if one["matches"][0]["sureness"] == "certain"]
    assert [one["id"] for one in certain] == ["EXAMPLE-2026-0001"]
    assert {one["state"] for one in told["notifications"]} == {"done"}
