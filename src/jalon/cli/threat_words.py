"""Threats and coverage as lines for the terminal, and as plain values for JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

import click

from jalon.catalogues.security_standards import feature_names
from jalon.catalogues.threat_rules import capec_names, cwe_names
from jalon.cli.speech import _, speech
from jalon.design.blueprint import Blueprint
from jalon.design.scales import GRAVITY_WORDS, LIKELIHOOD_WORDS, RISK_WORDS, Risk
from jalon.design.threats.chain import proofs, story, suggestions
from jalon.design.threats.change import ThreatChange
from jalon.design.threats.coverage import STANDING_WORDS, Coverage, Covered
from jalon.design.threats.threat import LINDDUN_WORDS, STRIDE_WORDS, Threat
from jalon.design.threats.words import STRENGTH_WORDS, TREATMENT_WORDS, VERDICT_WORDS

_SIGNS = {Risk.HIGH: "‼", Risk.MEDIUM: "!", Risk.LOW: "·"}
_COLOURS = {Risk.HIGH: "red", Risk.MEDIUM: "yellow", Risk.LOW: None}


def told_threats(shown: Sequence[Threat], every: Sequence[Threat], today: date) -> Iterator[str]:
    """A line each, then the sum."""
    for one in shown:
        word = click.style(
            f"{_SIGNS[one.residual]} {_(RISK_WORDS[one.residual]):7}", fg=_COLOURS[one.residual]
        )
        scale = f"G{one.gravity}V{one.likelihood}→G{one.residual_gravity}V{one.residual_likelihood}"
        done = _(TREATMENT_WORDS[one.treatment(today)])
        yield f"{word} {scale}  {click.style(one.key, bold=True)}  {done}"
        yield f"    {speech.word(one.title)}"
    before, after = Counter(one.initial for one in every), Counter(one.residual for one in every)
    counts = ", ".join(
        _("{risk}: {before} → {after}").format(
            risk=_(RISK_WORDS[level]), before=before[level], after=after[level]
        )
        for level in reversed(Risk)
    )
    yield _("Threats: {count}, shown: {shown}. Before → after what is done: {counts}").format(
        count=len(every), shown=len(shown), counts=counts
    )


def detail_lines(one: Threat, blueprint: Blueprint, today: date) -> Iterator[str]:
    """One threat with its chain: why, control, test, last result."""
    yield click.style(speech.word(one.title), bold=True)
    yield f"{one.key} · {', '.join(_words_of(one))}"
    if told := story(blueprint, one):
        yield speech.word(told)
    yield _("before    {gravity}, {likelihood}: risk {risk}").format(
        gravity=_(GRAVITY_WORDS[one.gravity]),
        likelihood=_(LIKELIHOOD_WORDS[one.likelihood]),
        risk=_(RISK_WORDS[one.initial]),
    )
    yield from (f"  G{one.gravity}: {speech.render(why)}" for why in one.why_gravity)
    yield from (f"  V{one.likelihood}: {speech.render(why)}" for why in one.why_likelihood)
    yield _("left      {gravity}, {likelihood}: risk {risk}").format(
        gravity=_(GRAVITY_WORDS[one.residual_gravity]),
        likelihood=_(LIKELIHOOD_WORDS[one.residual_likelihood]),
        risk=_(RISK_WORDS[one.residual]),
    )
    yield from (f"  – {speech.render(why)}" for why in one.why_residual)
    yield _("today     {treatment}").format(treatment=_(TREATMENT_WORDS[one.treatment(today)]))
    for proof in proofs(blueprint, one.controls):
        worth = _(STRENGTH_WORDS[proof.strength])
        yield f"  {proof.control.id}  {speech.word(proof.control.name)} ({worth})"
        for case, result in proof.tests:
            verdict = _(VERDICT_WORDS[result.verdict if result else None])
            when = f", {result.on}" if result and result.on else ""
            yield f"    {case}: {verdict}{when}"
    if one.acceptance:
        yield _("accepted  by {by} on {on}: {reason}").format(
            by=one.acceptance.by,
            on=one.acceptance.on,
            reason=speech.word(one.acceptance.reason),
        )
    yield from _ideas(one)


def _ideas(one: Threat) -> Iterator[str]:
    for idea in suggestions(one):
        yield _("could do  {what}").format(what=speech.word(idea.names))
        yield _("          test: {test}").format(test=speech.word(idea.test))
        yield f"          {', '.join(idea.provisions)}"
    named = [f"CWE-{n} {speech.word(cwe_names()[n])}" for n in one.cwe]
    named += [f"CAPEC-{n} {speech.word(capec_names()[n])}" for n in one.capec]
    if named:
        yield "; ".join(named)


def _words_of(one: Threat) -> list[str]:
    return [_(STRIDE_WORDS[s]) for s in one.stride] + [_(LINDDUN_WORDS[s]) for s in one.linddun]


def coverage_lines(held: Sequence[Coverage], *, whole: bool) -> Iterator[str]:
    """A line a standard; every provision when `whole`."""
    for one in held:
        yield click.style(f"{one.standard.name} ({one.standard.edition})", bold=True)
        yield _(
            "  answered: {covered} % of {count} that apply; proved by tests: {proved} %"
        ).format(
            covered=_number(one.covered_percent),
            count=len(one.applying),
            proved=_number(one.proved_percent),
        )
        if one.open_mandatory:
            ids = ", ".join(open_.provision.id for open_ in one.open_mandatory)
            yield _("  mandatory and open: {ids}").format(ids=ids)
        if whole:
            for provision in one.provisions:
                yield from _provision_lines(provision)
        for doubt in one.standard.to_check:
            yield _("  to check: {doubt}").format(doubt=doubt)


def _provision_lines(one: Covered) -> Iterator[str]:
    mark = one.provision.status.value
    standing = _(STANDING_WORDS[one.standing])
    yield f"  {one.provision.id:8} {mark}  {standing}: {speech.word(one.provision.names)}"
    yield f"             {reason_of(one)}"
    if one.controls:
        yield f"             {', '.join(one.controls)}"


def reason_of(one: Covered) -> str:
    """Why it applies or not, in a sentence."""
    if one.statement:
        return speech.word(one.statement.justification)
    feature = f"{speech.word(feature_names()[one.feature])}: " if one.feature else ""
    return f"{feature}{speech.render(one.why)}"


def _number(percent: int | None) -> str:
    return "–" if percent is None else str(percent)


def told_change(change: ThreatChange) -> Iterator[str]:
    """New, gone and changed threats."""
    for one in change.new:
        yield f"+ {_(RISK_WORDS[one.residual]):7} {one.key}  {speech.word(one.title)}"
    for one in change.gone:
        yield f"- {_(RISK_WORDS[one.residual]):7} {one.key}  {speech.word(one.title)}"
    for pair in change.changed:
        before, after = pair.before, pair.after
        moved = (
            f"G{before.residual_gravity}V{before.residual_likelihood}"
            f"→G{after.residual_gravity}V{after.residual_likelihood}"
        )
        sign = "↑" if pair.raised else "~"
        yield f"{sign} {_(RISK_WORDS[after.residual]):7} {after.key}  {moved}"
    yield _("New: {new}, gone: {gone}, changed: {changed}, as before: {same}.").format(
        new=len(change.new),
        gone=len(change.gone),
        changed=len(change.changed),
        same=change.same,
    )


def plain(one: Threat, blueprint: Blueprint, today: date) -> dict[str, object]:
    """For JSON: stable keys, words in the reader's language."""
    return {
        "key": one.key,
        "rule": one.rule,
        "element": one.element,
        "kind": one.kind.value,
        "title": speech.word(one.title),
        "stride": [s.value for s in one.stride],
        "linddun": [s.value for s in one.linddun],
        "cwe": list(one.cwe),
        "capec": list(one.capec),
        "gravity": int(one.gravity),
        "likelihood": int(one.likelihood),
        "risk": one.initial.name.lower(),
        "residual": {
            "gravity": int(one.residual_gravity),
            "likelihood": int(one.residual_likelihood),
            "risk": one.residual.name.lower(),
        },
        "why": {
            "gravity": [speech.render(why) for why in one.why_gravity],
            "likelihood": [speech.render(why) for why in one.why_likelihood],
            "residual": [speech.render(why) for why in one.why_residual],
        },
        "treatment": one.treatment(today).value,
        "controls": [
            {
                "id": proof.control.id,
                "strength": proof.strength.value,
                "tests": {
                    case: result.verdict.value if result else None for case, result in proof.tests
                },
            }
            for proof in proofs(blueprint, one.controls)
        ],
        "suggested": [idea.id for idea in suggestions(one)],
    }


def plain_coverage(one: Coverage) -> dict[str, object]:
    """For JSON."""
    return {
        "standard": one.standard.id,
        "edition": one.standard.edition,
        "covered_percent": one.covered_percent,
        "proved_percent": one.proved_percent,
        "open_mandatory": [open_.provision.id for open_ in one.open_mandatory],
        "to_check": one.standard.to_check,
        "provisions": [
            {
                "id": held.provision.id,
                "status": held.provision.status.value,
                "standing": held.standing.value,
                "why": reason_of(held),
                "controls": list(held.controls),
                "through": list(held.through),
            }
            for held in one.provisions
        ],
    }


def plain_change(change: ThreatChange) -> dict[str, object]:
    """For JSON: keys and risks."""
    return {
        "new": {one.key: one.residual.name.lower() for one in change.new},
        "gone": {one.key: one.residual.name.lower() for one in change.gone},
        "changed": {
            pair.after.key: {
                "before": pair.before.residual.name.lower(),
                "after": pair.after.residual.name.lower(),
                "raised": pair.raised,
            }
            for pair in change.changed
        },
        "same": change.same,
    }
