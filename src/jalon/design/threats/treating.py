"""What is done about threats, and what is left of them: controls count as far as tests prove."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from jalon.design.controls import CaseResult, Strength, strength
from jalon.design.scales import Gravity, Likelihood, risk
from jalon.design.spec.security import Acceptance, Control, SecurityFile
from jalon.design.threats.threat import Threat
from jalon.vocab.text import N_, Text


@dataclass(frozen=True, slots=True)
class _Step:
    """What lowers a threat: by so many steps, said in a sentence."""

    likelihood: int
    gravity: int
    why: Text


class Treating:
    """What security.yaml and the last test results make of threats."""

    def __init__(self, security: SecurityFile, results: Mapping[str, CaseResult]) -> None:
        self._results = results
        self._controls: dict[str, list[Control]] = defaultdict(list)
        for control in security.controls:
            for name in dict.fromkeys(control.treats):
                self._controls[name].append(control)
        self._accepted: dict[str, Acceptance] = {}
        for acceptance in security.accepted:
            self._accepted[acceptance.threat] = acceptance

    def treated(self, threat: Threat, answers: Sequence[Text]) -> Threat:
        """The threat with what is left of it. `answers` are protections that the architecture
        declares: they count as long as no test of a control says otherwise."""
        controls = self._of(threat)
        accepted = self._accepted.get(threat.key) or self._accepted.get(threat.rule)
        if not controls and not answers and accepted is None:
            return threat
        strengths = {control.id: strength(control, self._results) for control in controls}
        failed = Strength.FAILED in strengths.values()
        steps = [step for one in controls if (step := _step(one, strengths[one.id]))]
        if not failed:
            steps += [_Step(1, 0, answer) for answer in answers]
        gravity = Gravity(within(threat.gravity - sum(step.gravity for step in steps)))
        lowered = threat.likelihood - sum(step.likelihood for step in steps)
        likelihood = Likelihood(within(lowered))
        return replace(
            threat,
            residual_gravity=gravity,
            residual_likelihood=likelihood,
            residual=risk(gravity, likelihood),
            why_residual=tuple(_reasons(controls, strengths, steps, failed, answers)),
            controls=tuple(control.id for control in controls),
            strength=together(strengths.values(), bool(answers)),
            acceptance=accepted,
        )

    def _of(self, threat: Threat) -> list[Control]:
        named = (threat.key, threat.rule, f"@{threat.element}")
        found = {one.id: one for name in named for one in self._controls.get(name, ())}
        return list(found.values())


def _step(control: Control, worth: Strength) -> _Step | None:
    if not worth.counts:
        return None
    likelihood, gravity = control.lowers.likelihood, control.lowers.gravity
    named = {"control": control.id}
    if worth is Strength.PROVED:
        return _Step(likelihood, gravity, Text(N_("{control}: its tests prove it"), named))
    why = Text(N_("{control}: no test proves it yet, so it counts for one step at most"), named)
    return _Step(min(likelihood, 1), min(gravity, 1), why)


def _reasons(
    controls: Sequence[Control],
    strengths: Mapping[str, Strength],
    steps: Sequence[_Step],
    failed: bool,
    answers: Sequence[Text],
) -> Iterator[Text]:
    yield from (step.why for step in steps)
    for control in controls:
        if strengths[control.id] is Strength.FAILED:
            yield Text(
                N_("{control}: a test of it failed, it counts for nothing"), {"control": control.id}
            )
        elif strengths[control.id] is Strength.PLANNED:
            yield Text(N_("{control}: not there yet"), {"control": control.id})
    if failed and answers:
        yield Text(N_("what the architecture declares does not count while that test fails"))


def together(strengths: Iterable[Strength], answered: bool = False) -> Strength | None:
    """What several controls are worth to one threat or provision: one that failed shows, else the
    best counts. `answered`: something beside them is claimed."""
    found = set(strengths)
    if Strength.FAILED in found:
        return Strength.FAILED
    for one in (Strength.PROVED, Strength.CLAIMED):
        if one in found:
            return one
    if answered:
        return Strength.CLAIMED
    return Strength.PLANNED if found else None


def within(level: int) -> int:
    """The level, kept on the scales."""
    return min(max(level, 1), 4)
