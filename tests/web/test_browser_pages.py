"""Every page as people meet it: with a screen reader's rules, a keyboard, a phone, no scripts."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import update_samples
from axe_playwright_python.sync_playwright import Axe
from fastapi import APIRouter
from fastapi.routing import APIRoute
from playwright.sync_api import Page, expect
from school import OpenPage, Web

import jalon.web.pages
from jalon.app.running import Part

pytestmark = pytest.mark.browser
DEVICE = "zay-cm2-a"
EXAMPLES = {
    "{key}": "device-stolen@air-sensors",
    "{command_number}": "1",
    "{bulk_id}": "1",
    "{device_id}": DEVICE,
    "{entry_id}": "1",
    "{alarm_id}": "1",
    "{campaign_id}": "1",
    "{package_id}": update_samples.PACKAGE,
    "{rule_id}": "stale-air",
    "{file}": "air",
    "{part:path}": "solution",
    "{dotted}": "requirements",
    "{mapping}": "problem",
    "{entry}": "R-CO2",
}
"""What stands for the parts of an address that change."""
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def routes(router: APIRouter) -> Iterator[APIRoute]:
    """Every route of a router, those of the routers inside it too."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield route
        elif hasattr(route, "original_router"):
            yield from routes(route.original_router)


def page_paths() -> list[str]:
    """One address for every route of every page, found as the server finds them."""
    paths = ["/nowhere", "/devices/zay-canteen/twin", "/fleet?q=thing+%3D+air-display+and+batery"]
    paths += ["/design/ebios?workshop=3", "/design/ebios?workshop=5"]
    paths += [f"/design/threats?view={one}" for one in ("controls", "standards")]
    paths += [f"/design/architecture?view={one}" for one in ("diagrams", "growth", "drift")]
    paths += [f"/design/duties?section={one}" for one in ("register", "dpia", "ethics")]
    for found in pkgutil.iter_modules(jalon.web.pages.__path__):
        router = importlib.import_module(f"jalon.web.pages.{found.name}.routes").router
        for route in routes(router):
            if "GET" in (route.methods or ()) and route.path != "/":
                path = route.path
                for part, example in EXAMPLES.items():
                    path = path.replace(part, example)
                paths.append(path)
    return sorted(path for path in paths if "." not in path)  # a download is no page


def violations(page: Page) -> list[str]:
    """What axe finds, as short lines."""
    response = Axe().run(page, options=RULES).response
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in response["violations"]
        for node in one["nodes"]
    ]


def test_there_is_a_page_for_every_folder() -> None:
    folders = [one for one in Path(jalon.web.pages.__path__[0]).iterdir() if one.is_dir()]
    pages = {one.name for one in folders if (one / "page.html").exists()}
    assert {"login", "account", "fleet", "device", "health", "solution", "events"} <= pages
    assert len(page_paths()) > len(pages)
    assert {f"/devices/{DEVICE}", f"/devices/{DEVICE}/frames", "/events"} <= set(page_paths())
    assert not any("{" in path for path in page_paths()), "give the new page an example address"


# What axe finds hangs on the colours or on the texts, not on their pair: half the time.
@pytest.mark.parametrize(("lang", "theme"), [("en", "light"), ("fr", "dark")])
@pytest.mark.parametrize("path", page_paths())
def test_axe_finds_nothing(visit: OpenPage, path: str, lang: str, theme: str) -> None:
    page = visit(path, lang=lang, theme=theme, known=path != "/login")
    expect(page.locator("html")).to_have_attribute("lang", lang)
    expect(page.locator("h1")).to_have_count(1)
    page.evaluate(
        "() => document.querySelectorAll('details').forEach((one) => { one.open = true })"
    )
    assert violations(page) == []


def test_axe_finds_nothing_in_a_table_of_buckets(visit: OpenPage) -> None:
    page = visit(f"/devices/{DEVICE}?range=7d")
    page.evaluate(
        """() => {
          [...document.querySelectorAll("[data-panel]")].slice(1).forEach((one) => one.remove());
          document.querySelector("details").open = true;
        }"""
    )
    expect(page.locator("tbody[data-rows=buckets]")).to_be_visible()
    assert violations(page) == []


def test_axe_finds_nothing_when_much_is_wrong(
    visit: OpenPage, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = [Part("Broker", ready=False, detail="it does not start")]
    monkeypatch.setattr(web.school.running, "parts", lambda: parts)
    monkeypatch.setattr(web.school.running.counters, "backlog", 60_000)
    for path in ("/health?tried=3&stored=2&stay=1", "/fleet?q=nothing"):
        page = visit(path, lang="fr", width=360)
        expect(page.locator(".banner")).to_have_count(2)
        assert violations(page) == []


@pytest.mark.parametrize(("lang", "theme"), [("en", "dark"), ("fr", "light")])
def test_axe_finds_nothing_where_a_secret_is_handed_out(
    visit: OpenPage, lang: str, theme: str
) -> None:
    page = visit("/devices/zay-gateway/manage", js=True, lang=lang, theme=theme, width=320)
    page.locator("form[action$='/credentials/renew'] button").click()
    expect(page.locator(".secret")).to_be_visible()
    expect(page.locator("[role=img] svg.qr")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_axe_finds_nothing_where_a_certificate_is_handed_out(visit: OpenPage) -> None:
    page = visit("/devices/zay-gateway/manage", width=320)
    page.get_by_text("A certificate instead").click()
    page.get_by_role("button", name="Issue a certificate").click()
    expect(page.get_by_role("status")).to_contain_text("is good until")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_label_is_printed_without_what_is_for_the_screen(visit: OpenPage) -> None:
    page = visit("/devices/zay-gateway/manage")
    page.locator("form[action$='/credentials/renew'] button").click()
    page.emulate_media(media="print")
    expect(page.locator(".secret")).to_be_visible()
    expect(page.locator("svg.qr")).to_be_visible()
    expect(page.locator(".main-nav")).to_be_hidden()
    expect(page.get_by_role("link", name="Add another")).to_be_hidden()


def test_a_file_is_checked_without_scripts_and_the_report_can_be_read(visit: OpenPage) -> None:
    page = visit("/provision/import", width=320, js=False)
    page.get_by_label("Or its lines, pasted").fill(
        "id,name,thing,site\nhall,Hall,air-display,jean-zay\nzay-cm2-a,Twin,air-display,nowhere"
    )
    page.get_by_role("button", name="Check it").click()
    expect(page.get_by_role("status")).to_contain_text("Lines that are good: 1.")
    expect(page.get_by_role("button", name="Add 1 device")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_silent_device_says_why_at_the_top_of_its_page(visit: OpenPage, web: Web) -> None:
    page = visit("/devices/til-gateway", js=False)
    why = page.get_by_role("region", name=re.compile("Why is it silent|Something is refused"))
    expect(why.locator("li").first).to_contain_text("What to do:")
    page.get_by_role("navigation", name="About this device").get_by_role(
        "link", name="Events"
    ).click()
    expect(page.get_by_role("table")).to_contain_text("the secret is wrong")


def test_no_device_name_is_squeezed_on_a_phone(visit: OpenPage) -> None:
    page = visit("/fleet", lang="fr", width=360)
    narrow = page.evaluate(
        """() => [...document.querySelectorAll("[data-device] th")]
          .map((one) => one.getBoundingClientRect().width).filter((width) => width < 120)"""
    )
    assert narrow == []
    top = page.locator("header.top").evaluate("(one) => one.getBoundingClientRect().height")
    assert top < 130, "two rows of links at most"


def test_nothing_moves_for_those_who_want_calm(visit: OpenPage) -> None:
    page = visit("/fleet")
    expect(page.locator("[data-live-bar]")).to_have_attribute("data-state", "on")
    assert page.evaluate("getComputedStyle(document.querySelector('.pulse')).animationName") == (
        "none"
    )


def test_forced_colours_keep_line_and_choice_visible(visit: OpenPage) -> None:
    page = visit(f"/devices/{DEVICE}?range=24h", js=False)
    page.emulate_media(forced_colors="active")
    line, ground, chosen, other = (
        page.locator(place).first.evaluate(f"(one) => getComputedStyle(one).{prop}")
        for place, prop in (
            ("path.line", "stroke"),
            (".panel", "backgroundColor"),
            (".presets a[aria-current]", "backgroundColor"),
            (".presets a:not([aria-current])", "backgroundColor"),
        )
    )
    assert line != ground
    assert chosen != other


def test_the_replay_of_dead_letters_needs_no_script(
    visit: OpenPage, web: Web, letters: None
) -> None:
    page = visit("/health", js=False)
    count = sum(web.school.running.store.letter_counts().values())
    page.get_by_role("button", name="Replay all").click()
    status = page.locator("#replayed")
    expect(status).to_have_attribute("role", "status")
    expect(status).to_contain_text(f"Messages tried: {count}.")


def test_axe_would_find_a_defect(visit: OpenPage) -> None:
    page = visit("/fleet")
    page.evaluate(
        """() => {
          const image = document.createElement("img");
          image.src = document.querySelector("link[rel=icon]").href;
          document.querySelector("main").append(image);
          document.querySelector("h1").style.color = "#ddd";
        }"""
    )
    found = " ".join(violations(page))
    assert "image-alt" in found
    assert "color-contrast" in found


@pytest.mark.parametrize("path", page_paths())
def test_a_narrow_phone_needs_no_sideways_scrolling(visit: OpenPage, path: str) -> None:
    page = visit(path, width=320, known=path != "/login")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("path", page_paths())
def test_text_twice_as_large_stays_on_the_page(visit: OpenPage, path: str) -> None:
    page = visit(path, width=640, known=path != "/login")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") <= 640
    cut = page.evaluate(
        """() => [...document.querySelectorAll("main *")].filter((one) =>
          !one.closest(".unseen, .plot, .scroll, thead, option, select, input") &&
          getComputedStyle(one).overflowX !== "visible" && one.scrollWidth > one.clientWidth + 1)
          .map((one) => one.className)"""
    )
    assert cut == []


def test_the_keyboard_reaches_everything_and_shows_where_it_is(visit: OpenPage) -> None:
    page = visit("/fleet")
    reached = []
    for _ in range(25):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                """() => { const one = document.activeElement;
                  const style = getComputedStyle(one);
                  const width = parseFloat(style.outlineWidth);
                  const drawn = style.outlineStyle !== "none" && width >= 2;
                  return [one.id || one.textContent.trim().slice(0, 30), drawn]; }"""
            )
        )
    names = [name for name, _ in reached]
    assert names[0] == "Skip to the content"
    wanted = [
        "Jalon",
        "Fleet",
        "System",
        "Account",
        "Dark",
        "Devices",
        "Pause updates",
        "q",
        "site",
    ]
    positions = [next(i for i, n in enumerate(names) if n.startswith(w)) for w in wanted]
    assert positions == sorted(positions)
    assert all(visible for _, visible in reached)


def test_the_skip_link_leads_to_the_content(visit: OpenPage) -> None:
    page = visit("/health")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_new_value_appears_and_can_be_held_back(visit: OpenPage, web: Web) -> None:
    page = visit("/fleet")
    cell = page.locator(f'[data-device="{DEVICE}"] [data-property="temperature"]')
    expect(page.locator("[data-live-bar]")).to_have_attribute("data-state", "on")
    page.wait_for_function("performance.getEntriesByType('resource').length > 3")
    appears(page, web, 31.4, "31.4")
    page.get_by_role("button", name="Pause updates").click()
    expect(page.get_by_role("button", name="Resume updates")).to_be_visible()
    nobody_listens(page, web)
    web.school.hear(DEVICE, "temperature", 12.5)
    expect(cell).to_have_text(re.compile("31.4"))
    page.get_by_role("button", name="Resume updates").click()
    expect(cell).to_have_text(re.compile("12.5"))


def nobody_listens(page: Page, web: Web) -> None:
    """Until the server knows that the page has closed its stream."""
    for _ in range(100):
        if not len(web.app.state.context.hub):
            return
        page.wait_for_timeout(50)
    raise AssertionError("the stream is still open")


def appears(page: Page, web: Web, value: float, text: str) -> None:
    """The value is sent until the page, whose stream is perhaps still opening, shows it."""
    cell = page.locator(f'[data-device="{DEVICE}"] [data-property="temperature"]')
    for _ in range(40):
        web.school.hear(DEVICE, "temperature", value)
        page.wait_for_timeout(250)
        if text in (cell.text_content() or ""):
            return
    raise AssertionError(f"{text} did not appear: {cell.text_content()}")


def test_a_new_value_joins_chart_and_table(visit: OpenPage, web: Web) -> None:
    page = visit(f"/devices/{DEVICE}?range=1h")
    panel = page.locator('[data-panel="co2"]')
    expect(panel.locator("canvas")).to_be_visible()
    expect(panel.locator("svg.chart")).to_have_count(0)
    rows = panel.locator("tbody[data-rows] tr")
    before = rows.count()
    expect(page.locator("[data-live-bar]")).to_have_attribute("data-state", "on")
    for _ in range(40):
        web.school.hear(DEVICE, "co2", 1234.0)
        page.wait_for_timeout(250)
        if rows.count() > before:
            break
    assert rows.count() > before
    expect(panel.locator("[data-now]")).to_have_text(re.compile("1,234"))
    expect(rows.last).to_contain_text("1,234")


def test_without_scripts_everything_is_there(visit: OpenPage) -> None:
    page = visit(f"/devices/{DEVICE}?range=24h", js=False)
    expect(page.locator('[data-panel="co2"] svg.chart path.line').first).to_be_visible()
    expect(page.locator("[data-live-bar]")).to_be_hidden()
    page.get_by_role("link", name="7 days").click()
    expect(page.locator("svg.chart path.band").first).to_be_attached()
    page.get_by_label("From").fill("2026-01-05T08:00")
    page.get_by_label("To").fill("2026-01-06T08:00")
    page.get_by_role("button", name="Show").click()
    assert "from=2026-01-05T08%3A00" in page.url
    expect(page.get_by_label("From")).to_have_value("2026-01-05T08:00")
    page.goto(page.url.split("/devices")[0] + "/fleet")
    page.get_by_label("Search").fill("ECOLE jean cm2")
    page.get_by_role("button", name="Show").click()
    found = page.locator("tr[data-device]").count()
    assert 1 <= found < 10


def test_the_line_breaks_where_values_are_missing(visit: OpenPage) -> None:
    page = visit(f"/devices/{DEVICE}?range=24h", js=False)
    panel = page.locator('[data-panel="humidity"]')
    assert panel.locator("path.line").count() == 2
    panel.locator("summary").click()
    expect(panel.locator("tr.gap")).to_have_count(1)
    expect(panel.locator("tr.gap")).to_contain_text("no values")


def test_searching_needs_no_button(visit: OpenPage) -> None:
    page = visit("/fleet")
    page.get_by_label("Search").press_sequentially("bibliotheque")
    expect(page.locator("tr[data-device]")).to_have_count(1)
    expect(page).to_have_url(re.compile("q=bibliotheque"))
    expect(page.get_by_role("status").filter(has_text="1 device")).to_be_visible()


def test_the_colours_are_the_readers_choice_without_scripts(visit: OpenPage) -> None:
    page = visit("/fleet", js=False)
    light = page.locator("body").evaluate(
        "() => getComputedStyle(document.documentElement).backgroundColor"
    )
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    dark = page.locator("body").evaluate(
        "() => getComputedStyle(document.documentElement).backgroundColor"
    )
    assert light != dark


def test_signing_in_leads_to_the_fleet(visit: OpenPage, web: Web) -> None:
    page = visit("/", known=False)
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill(web.school.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Fleet")
    page.get_by_role("link", name="Account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
