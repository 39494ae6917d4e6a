"""A running school with two days of history, its web application, and a browser before it."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from school import FormToken, OpenPage, School, Web, csrf_of, open_school, visiting

from jalon.run.batch import Columns
from jalon.web.server import create
from jalon.web.serving import WebServer, bind


@pytest.fixture(scope="session")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """One running school for all tests of this worker."""
    found = open_school(tmp_path_factory.mktemp("school") / "air")
    yield found
    found.running.store.close()
    found.running.accounts.close()


@pytest.fixture
def letters(school: School) -> Iterator[None]:
    """The dead letters are the same after the test as before, whatever it does to them."""
    store = school.running.store
    before = store.letters()
    yield
    store.drop_letters([one.id for one in store.letters()])
    store.append(Columns(), before)


@pytest.fixture
def app(school: School) -> FastAPI:
    """A fresh application: no rate limit is left over from another test."""
    return create(school.running)


@pytest.fixture
def stranger(app: FastAPI) -> Iterator[httpx.Client]:
    """A client that nobody knows."""
    with visiting(app) as client:
        yield client


@pytest.fixture
def form_token() -> FormToken:
    """Reads the form token of a page."""
    return csrf_of


@pytest.fixture
def client(stranger: httpx.Client, school: School) -> httpx.Client:
    """A client that has signed in through the form."""
    form = {"name": "admin", "password": school.password, "csrf": csrf_of(stranger.get("/login"))}
    assert stranger.post("/login", data=form).status_code == 303
    return stranger


@pytest.fixture(scope="session")
def web(school: School) -> Iterator[Web]:
    """The application behind uvicorn, in a thread of its own."""
    app = create(school.running)
    server = WebServer(app, bind("127.0.0.1", 0))
    thread = threading.Thread(target=server.run)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and thread.is_alive() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert server.started
    yield Web(f"http://127.0.0.1:{server.port}", school, app)
    server.stop()
    thread.join(10)
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium from JALON_CHROMIUM or the PATH.

    For one module: Playwright keeps an event loop running in this thread while it lives, and
    tests elsewhere want one of their own.
    """
    path = os.environ.get("JALON_CHROMIUM") or shutil.which("chromium")
    if path is None:
        pytest.skip("no Chromium on this machine; set JALON_CHROMIUM")
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    quiet += ["--disable-component-update", "--disable-sync", "--no-first-run"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=quiet)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def session_cookie(web: Web) -> dict[str, str]:
    """One session for all browser tests, so that the login limit is not met."""
    token = web.school.running.accounts.login("admin", web.school.password, "browser-tests")
    assert token
    return {"name": "jalon_session", "value": token, "url": web.url}


@pytest.fixture
def visit(browser: Browser, web: Web, session_cookie: dict[str, str]) -> Iterator[OpenPage]:
    """`visit(path, lang=…, theme=…, width=…, js=…, known=…)` opens a page as a signed-in reader.

    A message on the browser's console fails the test: it may be the content policy speaking.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(
        path: str,
        lang: str = "en",
        theme: str = "light",
        width: int = 1280,
        js: bool = True,
        known: bool = True,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            locale=lang,
            color_scheme="dark" if theme == "dark" else "light",
            java_script_enabled=js,
            reduced_motion="reduce",
        )
        contexts.append(context)
        if known:
            context.add_cookies([session_cookie])  # type: ignore[list-item]
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.goto(web.url + path, wait_until="load")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [one for one in complaints if "status of 4" not in one] == []
