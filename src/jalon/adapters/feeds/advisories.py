"""Advisories: OSV schema 1.x, CVE API 2.0 of the NVD, CSAF 2.0."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from jalon.adapters.feeds.fields import (
    Fields,
    NotUnderstood,
    address,
    day,
    entries,
    fields,
    load,
    text,
    words,
)
from jalon.design.spec.watched import Affected, Scheme, VersionRange, WatchItem

_SCHEMES = {"pypi": Scheme.PEP440, "debian": Scheme.DEB, "ubuntu": Scheme.DEB}
_SEMVER = ("npm", "go", "crates.io", "nuget", "hex", "pub")
_TYPES = {"pypi": "pypi", "npm": "npm", "go": "golang", "crates.io": "cargo", "debian": "deb"}
_LEVELS = {"low": 3.0, "moderate": 5.5, "medium": 5.5, "high": 8.0, "critical": 9.5}
"""For a severity in words, the middle of its band of CVSS."""


def osv(source: str, content: bytes) -> list[WatchItem]:
    """One entry, a list of them, or an answer with `vulns`. Raises NotUnderstood."""
    found = load(content)
    if isinstance(found, dict):
        found = found.get("vulns", [found])
    items = [_osv(source, one) for one in entries(found) if "id" in one]
    if not items:
        raise NotUnderstood("no OSV entry")
    return items


def _osv(source: str, one: Fields) -> WatchItem:
    links = [address(link.get("url")) for link in entries(one.get("references"))]
    told = fields(one.get("database_specific"))
    return WatchItem(
        id=text(one["id"]),
        source=source,
        title=text(one.get("summary")) or text(one["id"]),
        text=text(one.get("details")),
        link=next((link for link in links if link), ""),
        published=day(one.get("published") or one.get("modified")),
        aliases=tuple(words(one.get("aliases"))),
        affected=tuple(_osv_affected(one)),
        advisory=True,
        cvss=_number(told.get("cvss_score")) or _LEVELS.get(str(told.get("severity")).lower()),
        exploited=told.get("known_exploited") is True,
    )


def _osv_affected(one: Fields) -> Iterator[Affected]:
    for part in entries(one.get("affected")):
        package = fields(part.get("package"))
        name = text(package.get("name"))
        ecosystem = text(package.get("ecosystem")).lower().partition(":")[0]
        scheme = _SCHEMES.get(ecosystem, Scheme.UNKNOWN)
        if ecosystem in _SEMVER:
            scheme = Scheme.SEMVER
        ranges = []
        for span in entries(part.get("ranges")):
            if span.get("type") == "SEMVER":
                scheme = Scheme.SEMVER
            if span.get("type") in ("SEMVER", "ECOSYSTEM"):
                ranges += list(_spans(span))
        kind = _TYPES.get(ecosystem)
        purl = text(package.get("purl")) or (f"pkg:{kind}/{quote(name)}" if kind else "")
        versions = tuple(words(part.get("versions")))
        yield Affected(name, purl, scheme, tuple(ranges), versions)


def _spans(span: Fields) -> Iterator[VersionRange]:
    introduced: str | None = None
    for event in entries(span.get("events")):
        if "introduced" in event:
            introduced = text(event["introduced"])
        elif introduced is not None and "fixed" in event:
            yield VersionRange(introduced, fixed=text(event["fixed"]))
            introduced = None
        elif introduced is not None and "last_affected" in event:
            yield VersionRange(introduced, last=text(event["last_affected"]))
            introduced = None
    if introduced is not None:
        yield VersionRange(introduced)


def nvd(source: str, content: bytes) -> list[WatchItem]:
    """An answer of the CVE API 2.0. Raises NotUnderstood."""
    found = fields(load(content))
    if "vulnerabilities" not in found:
        raise NotUnderstood("no answer of the CVE API 2.0")
    return [_cve(source, fields(one.get("cve"))) for one in entries(found["vulnerabilities"])]


def _cve(source: str, cve: Fields) -> WatchItem:
    said = {one.get("lang"): text(one.get("value")) for one in entries(cve.get("descriptions"))}
    body = said.get("en", "")
    links = [address(one.get("url")) for one in entries(cve.get("references"))]
    return WatchItem(
        id=text(cve.get("id")),
        source=source,
        title=f"{text(cve.get('id'))}: {body[:120]}",
        text=body,
        link=next((link for link in links if link), ""),
        published=day(cve.get("published")),
        affected=tuple(_cpes(cve)),
        advisory=True,
        cvss=_nvd_score(fields(cve.get("metrics"))),
        exploited="cisaExploitAdd" in cve,
    )


def _nvd_score(metrics: Fields) -> float | None:
    for key in ("cvssMetricV40", "cvssMetricV31", "cvssMetricV30", "cvssMetricV2"):
        for one in entries(metrics.get(key)):
            score = _number(fields(one.get("cvssData")).get("baseScore"))
            if score is not None:
                return score
    return None


def _cpes(cve: Fields) -> Iterator[Affected]:
    """CPE names say vendor, product and version, never which package that is: a name to check."""
    for block in entries(cve.get("configurations")):
        for node in entries(block.get("nodes")):
            for one in entries(node.get("cpeMatch")):
                parts = re.split(r"(?<!\\):", text(one.get("criteria")))
                if len(parts) < 6 or one.get("vulnerable") is False:
                    continue
                span = VersionRange(
                    text(one.get("versionStartIncluding")) or "0",
                    text(one.get("versionEndExcluding")),
                    text(one.get("versionEndIncluding")),
                )
                exact = () if parts[5] in ("*", "-") else (parts[5],)
                yield Affected(parts[4], "", Scheme.UNKNOWN, () if exact else (span,), exact)


def csaf(source: str, content: bytes) -> list[WatchItem]:
    """One advisory, with the names of its products. Raises NotUnderstood."""
    found = fields(load(content))
    document = fields(found.get("document"))
    tracking = fields(document.get("tracking"))
    if "id" not in tracking:
        raise NotUnderstood("no CSAF document")
    flaws = list(entries(found.get("vulnerabilities")))
    scores = [
        score
        for flaw in flaws
        for one in entries(flaw.get("scores"))
        if (score := _number(fields(one.get("cvss_v3")).get("baseScore"))) is not None
    ]
    notes = [text(one.get("text")) for one in entries(document.get("notes"))]
    names = _product_names(fields(found.get("product_tree")))
    return [
        WatchItem(
            id=text(tracking["id"]),
            source=source,
            title=text(document.get("title")),
            text=" ".join(notes),
            link=next((address(r.get("url")) for r in entries(document.get("references"))), ""),
            published=day(tracking.get("initial_release_date")),
            aliases=tuple(text(flaw.get("cve")) for flaw in flaws if flaw.get("cve")),
            affected=tuple(Affected(name) for name in sorted(names)),
            advisory=True,
            cvss=max(scores, default=None),
        )
    ]


def _product_names(tree: Fields) -> set[str]:
    """Of branches of the category `product_name`, however deep."""
    found: set[str] = set()
    waiting = list(entries(tree.get("branches")))
    while waiting:
        branch = waiting.pop()
        if branch.get("category") == "product_name":
            found.add(text(branch.get("name")))
        waiting += entries(branch.get("branches"))
    return found - {""}


def _number(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else None  # type: ignore[arg-type]
