"""The pictures of the docs, taken from the real pages of the example: `make docs`.

Runs `jalon demo` on a copy of the example, signs in, and photographs the pages with Chromium.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
SHOTS = [
    ("device", "/devices/zay-cm2-a?range=24h", 1440, "light"),
    ("device-dark", "/devices/zay-cm2-a?range=24h", 1440, "dark"),
    ("fleet", "/fleet", 1440, "light"),
    ("fleet-phone-dark", "/fleet", 360, "dark"),
    ("alarms", "/alarms", 1440, "light"),
    ("backtest", "/rules/stale-air/backtest?days=5", 1440, "light"),
]
CALM = 10
"""Messages a second below which the history sent first has gone by."""


def jalon(*arguments: str) -> str:
    """Run `jalon`; what it printed."""
    command = [sys.executable, "-m", "jalon.cli", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def calm_down(page: Page) -> None:
    """Wait until the page shows the rate of the devices; at most about half a minute."""
    rate = page.locator("[data-summary=rate]")
    for _ in range(60):
        if not rate.count() or float((rate.text_content() or "0").replace(",", "")) < CALM:
            return
        page.wait_for_timeout(500)


def take(url: str, password: str) -> None:
    """Sign in once for each width and theme, and photograph."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome") or sys.exit("no Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, path, width, theme in SHOTS:
            page = browser.new_page(
                viewport={"width": width, "height": 900},
                color_scheme="dark" if theme == "dark" else "light",
                locale="en-GB",
            )
            page.goto(url + "/login")
            page.get_by_label("Name").fill("admin")
            page.get_by_label("Password").fill(password)
            page.get_by_role("button", name="Sign in").click()
            page.goto(url + path)
            calm_down(page)
            page.wait_for_timeout(1500)  # a live page never falls silent; let the charts be drawn
            page.screenshot(path=IMAGES / f"{name}.png")
            page.close()
        browser.close()


def main() -> None:
    """Everything, on a copy of the example."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "school-air")
        shutil.copytree(
            ROOT / "examples" / "school-air", folder, ignore=shutil.ignore_patterns(".jalon")
        )
        said = jalon("demo", str(folder))
        url = next(line.strip() for line in said.splitlines() if "http://" in line).rstrip("/")
        password = said.partition("password ")[2].split()[0]
        try:
            take(url, password)
        finally:
            jalon("stop", str(folder))


if __name__ == "__main__":
    main()
