"""`jalon password` and `jalon token` as the person who runs a solution uses them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from jalon.app.accounts import ADMIN, Accounts
from jalon.app.clock import now_ms
from jalon.app.local import read_run

EXAMPLE = Path(__file__).parents[2] / "examples" / "school-air"
ENGLISH = {**os.environ, "JALON_LANG": "en"}


def jalon(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the command, as a child process."""
    return subprocess.run(
        [sys.executable, "-m", "jalon.cli", *words],
        capture_output=True,
        text=True,
        env=ENGLISH,
        timeout=60,
        check=False,
    )


def said(done: subprocess.CompletedProcess[str]) -> str:
    """What a command that worked printed."""
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A solution that was never started."""
    target = tmp_path / "air"
    shutil.copytree(EXAMPLE, target, ignore=shutil.ignore_patterns(".jalon"))
    return target


def signs_in(folder: Path, password: str) -> bool:
    """Whether `admin` gets in."""
    accounts = Accounts.open(folder, now_ms)
    try:
        return accounts.login(ADMIN, password, "::1") is not None
    finally:
        accounts.close()


def new_password(folder: Path) -> str:
    """Asked for in the terminal."""
    first, second = said(jalon("password", str(folder))).splitlines()
    found = re.fullmatch(r"New password of admin: (\S+)", first)
    assert found
    assert "only now" in second
    return found[1]


def test_a_new_password_replaces_the_lost_one(folder: Path) -> None:
    lost = new_password(folder)
    assert signs_in(folder, lost), "it also makes the first account"
    found = new_password(folder)
    assert signs_in(folder, found)
    assert not signs_in(folder, lost)


def test_there_is_no_password_for_nobody(folder: Path) -> None:
    new_password(folder)
    done = jalon("password", str(folder), "--user", "nobody")
    assert done.returncode != 0
    assert done.stdout == ""
    assert "There is no user nobody." in done.stderr


@pytest.mark.parametrize("words", [("password",), ("token", "list"), ("token", "create")])
def test_a_mistyped_folder_gets_no_registry(tmp_path: Path, words: tuple[str, ...]) -> None:
    label = ["label"] if "create" in words else []
    done = jalon(*words, str(tmp_path / "shcool"), *label)
    assert done.returncode != 0
    assert done.stderr.startswith("jalon: ")
    assert not (tmp_path / "shcool").exists()


def test_a_token_is_shown_once_listed_without_its_secret_and_revoked(folder: Path) -> None:
    new_password(folder)
    made = jalon("token", "create", str(folder), "grafana at home")
    token = said(made).strip()
    assert re.fullmatch(r"jalon_[\w-]{43}", token), "alone on standard output, for scripts"
    assert "only now" in made.stderr
    (line,) = said(jalon("token", "list", str(folder))).splitlines()
    assert "grafana at home" in line
    assert "never used" in line
    assert token not in line
    number = line.split()[0]
    assert said(jalon("token", "revoke", str(folder), number)).strip() == "Revoked."
    assert said(jalon("token", "list", str(folder))) == ""
    again = jalon("token", "revoke", str(folder), number)
    assert again.returncode != 0
    assert f"There is no token {number}." in again.stderr


def test_before_the_first_account_there_is_no_token(folder: Path) -> None:
    done = jalon("token", "create", str(folder), "early")
    assert done.returncode != 0
    assert "There is no user admin." in done.stderr


@pytest.fixture
def url(folder: Path) -> Iterator[str]:
    """Where the running solution answers."""
    ports = ["--port", "0", "--mqtt-port", "0", "--websocket-port", "0"]
    process = subprocess.Popen(
        [sys.executable, "-m", "jalon.cli", "up", str(folder), *ports],
        stdout=subprocess.DEVNULL,
        env=ENGLISH,
    )
    try:
        deadline = time.monotonic() + 60
        while (run := read_run(folder)) is None:
            assert process.poll() is None, "it ended"
            assert time.monotonic() < deadline, "not ready in time"
            time.sleep(0.05)
        yield run.url
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def test_both_take_effect_at_once_while_the_solution_runs(folder: Path, url: str) -> None:
    token = said(jalon("token", "create", str(folder), "watch")).strip()
    bearer = {"authorization": f"Bearer {token}"}
    assert httpx.get(f"{url}/api/v1/devices", headers=bearer).status_code == 200
    (line,) = said(jalon("token", "list", str(folder))).splitlines()
    assert "never used" not in line
    said(jalon("token", "revoke", str(folder), line.split()[0]))
    assert httpx.get(f"{url}/api/v1/devices", headers=bearer).status_code == 401

    with httpx.Client(base_url=url, headers={"origin": url}) as browser:

        def sign_in(password: str) -> int:
            csrf = re.search(r'name="csrf" value="([^"]+)"', browser.get("/login").text)
            assert csrf
            form = {"name": ADMIN, "password": password, "csrf": csrf[1]}
            return browser.post("/login", data=form).status_code

        assert sign_in(new_password(folder)) == 303
        assert browser.get("/fleet").status_code == 200
        newer = new_password(folder)
        assert browser.get("/fleet").status_code == 303, "signed out"
        assert sign_in(newer) == 303
