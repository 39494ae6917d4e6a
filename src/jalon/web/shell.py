"""One request's page: its reader's language, theme and formats, and the templates."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel import negotiate_locale
from fastapi import Depends
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from jalon.app.accounts import Visitor
from jalon.app.formats import Formats
from jalon.app.language import LANGUAGES, Language, language
from jalon.run.suspicion import Moment
from jalon.vocab.text import Text
from jalon.web import cookies, csrf
from jalon.web.context import Context
from jalon.web.navigation import visible

THEMES = ("light", "dark")
YEAR_S = 31_536_000
LARGE_BACKLOG = 10_000
"""Waiting messages from which the pages tell of overload: a second or less at full speed."""
_WEB = Path(__file__).parent


def environments() -> Mapping[str, Environment]:
    """A template environment a language; strict: an unknown name in a template is an error."""
    return {code: _environment(language(code)) for code in LANGUAGES}


def _environment(spoken: Language) -> Environment:
    environment = Environment(
        loader=FileSystemLoader([_WEB / "templates", _WEB / "pages"]),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # As babel.cfg extracts them: a sentence may be broken over lines in a template.
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        spoken.gettext, spoken.ngettext, newstyle=True
    )
    return environment


class Page:
    """What a page needs to be written for the one who asks."""

    def __init__(self, request: Request, context: Context) -> None:
        self.request = request
        self.context = context

    @property
    def visitor(self) -> Visitor | None:
        """Who is signed in, if anybody."""
        found: Visitor | None = getattr(self.request.state, "visitor", None)
        return found

    @cached_property
    def language(self) -> Language:
        """`?lang=`, else the cookie, else the browser's wish, else English."""
        for wish in (
            self.request.query_params.get("lang"),
            self.request.cookies.get(cookies.LANGUAGE),
        ):
            if wish in LANGUAGES:
                return language(wish)
        wishes = [
            part.partition(";")[0].strip().replace("-", "_")
            for part in self.request.headers.get("accept-language", "").split(",")
        ]
        return language((negotiate_locale(wishes, LANGUAGES) or "en")[:2])

    @cached_property
    def formats(self) -> Formats:
        """How this reader writes numbers and dates."""
        return Formats(self.language)

    @property
    def theme(self) -> str:
        """`light`, `dark`, or "" to follow the system."""
        wish = self.request.cookies.get(cookies.THEME, "")
        return wish if wish in THEMES else ""

    @property
    def solution_name(self) -> str:
        """What the solution is called, in the reader's language."""
        return self.context.running.solution.about.name.in_language(self.language.code)

    @property
    def zone(self) -> ZoneInfo:
        """Where times are told of what belongs to no site: in the zone of the first one."""
        sites = self.context.running.solution.fleet.sites
        return sites[0].tz if sites else ZoneInfo("UTC")

    def say(self, text: Text, zone: ZoneInfo | None = None) -> str:
        """The sentence in the reader's language, its moments in `zone`."""
        told = {name: self._told(one, zone or self.zone) for name, one in text.params.items()}
        return self.language.render(Text(text.message, told))

    def _told(self, value: object, zone: ZoneInfo) -> object:
        if isinstance(value, Moment):
            return self.formats.time(value.time_ms, zone, seconds=False)
        return self.say(value, zone) if isinstance(value, Text) else self.language.told(value)

    @property
    def path(self) -> str:
        """Where this page is."""
        return self.request.url.path

    def is_in(self, path: str) -> bool:
        """Whether this page is the one at `path` or below it."""
        here = self.path
        return here == path or here.startswith(f"{path}/")

    def render(self, template: str, status_code: int = 200, **values: object) -> HTMLResponse:
        """The page, with its cookies where they are due."""
        fresh_seed = "" if csrf.seed(self.request) else csrf.new_seed()
        seed = csrf.seed(self.request) or fresh_seed
        html = (
            self.context.environments[self.language.code]
            .get_template(template)
            .render(
                page=self,
                formats=self.formats,
                asset=self._asset,
                csrf_field=lambda: _field(seed),
                navigation=visible(self.context.navigation, self.visitor),
                running=self.context.running,
                LARGE_BACKLOG=LARGE_BACKLOG,
                now_ms=self.context.running.now_ms(),
                **values,
            )
        )
        response = HTMLResponse(html, status_code)
        response.headers["content-language"] = self.language.code
        response.headers["vary"] = "accept-language, cookie"
        if fresh_seed:
            self.cookie(response, cookies.FORM, fresh_seed)
        if self.request.query_params.get("lang") in LANGUAGES:
            self.cookie(response, cookies.LANGUAGE, self.language.code, YEAR_S)
        return response

    def cookie(self, response: Response, name: str, value: str, max_age: int | None = None) -> None:
        """Set a cookie that scripts cannot read and other sites cannot send."""
        response.set_cookie(
            name,
            value,
            max_age=max_age,
            httponly=True,
            samesite="lax",
            secure=self.request.url.scheme == "https",
        )

    def link(self, **changes: object) -> str:
        """This page's address with some of its parameters changed; None takes one away."""
        params = dict(self.request.query_params) | changes
        return "?" + urlencode({name: one for name, one in params.items() if one is not None})

    def _asset(self, path: str) -> Markup:
        assets = self.context.assets
        url, integrity = assets.url(path), assets.integrity(path)
        if path.endswith(".css"):
            return Markup('<link rel="stylesheet" href="{}" integrity="{}">').format(url, integrity)
        if path.endswith(".js"):
            return Markup('<script defer src="{}" integrity="{}"></script>').format(url, integrity)
        return escape(url)


def _field(seed: str) -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(csrf.FIELD, csrf.token(seed))


def page_for(request: Request) -> Page:
    """The page of a request; for routes, the dependency `PageDep`."""
    return Page(request, request.app.state.context)


PageDep = Annotated[Page, Depends(page_for)]
