"""What functions in Python say of the subjects of a rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from jalon.run.control import Scalar
from jalon.run.rules.compiled import Bound, scalar
from jalon.run.rules.expression.columns import Column
from jalon.run.rules.expression.meaning import Kind
from jalon.run.rules.plugin import Ask, PluginFailed, PluginRunner
from jalon.run.rules.scene import Scene
from jalon.run.rules.scope import ANSWER
from jalon.run.rules.view import Moments


class Answers:
    """Asks functions, each once about all the moments of a call, and keeps what they want to
    remember."""

    def __init__(
        self, runner: PluginRunner | None, scene: Scene, remembered: Mapping[str, bytes]
    ) -> None:
        self._runner = runner
        self._scene = scene
        self._memory: dict[str, dict[str, str]] = {}
        self._changes: dict[str, bytes | None] = {}
        for key, stored in remembered.items():
            kind, _, rest = key.partition("/")
            if kind == "plugin":
                rule, _, subject = rest.partition("/")
                self._memory.setdefault(rule, {})[subject] = stored.decode()

    def names_of(self, bound: Bound) -> Mapping[str, Callable[[Moments], Column]]:
        """How `answer` is found in the conditions of a rule."""
        if bound.rule.plugin is None:
            return {}
        return {ANSWER: lambda moments: self._ask(bound, moments)}

    def changes(self) -> Mapping[str, bytes | None]:
        """What they wanted to remember since this was asked last."""
        changes, self._changes = self._changes, {}
        return changes

    def _ask(self, bound: Bound, moments: Moments) -> Column:
        rule = bound.rule
        if self._runner is None or rule.plugin is None:
            raise PluginFailed("nothing runs functions here")
        asks = [self._one(bound, moments, row) for row in range(moments.rows)]
        memory = self._memory.setdefault(rule.id, {})
        known = {one.subject: memory[one.subject] for one in asks if one.subject in memory}
        said = self._runner.ask(rule.plugin, asks, known)
        for subject, text in said.memory.items():
            if text != memory.get(subject, ""):
                memory[subject] = text
                self._changes[f"plugin/{rule.id}/{subject}"] = text.encode() if text else None
        return self._column(rule.gives, said.values)

    def _one(self, bound: Bound, moments: Moments, row: int) -> Ask:
        subject = self._scene.subject(bound.rule, int(moments.subjects[row]))
        values, ages = {}, {}
        for name, formula in bound.inputs.items():
            values[name] = scalar(formula.run(moments), formula.kind, moments, row)
            own = next((one.property for one in formula.seen if one.words == formula.text), None)
            if own is not None:
                heard = scalar(moments.own_time(own), Kind.NUMBER, moments, row)
                if isinstance(heard, float):
                    ages[name] = (float(moments.at[row]) - heard) / 1000
        return Ask(str(subject), int(moments.at[row]), values, ages)

    def _column(self, gives: str, found: Sequence[Scalar]) -> Column:
        kinds: dict[str, tuple[type, ...]] = {"truth": (bool,), "text": (str,)}
        wanted = kinds.get(gives, (int, float))
        for one in found:
            if one is not None and (
                not isinstance(one, wanted) or (gives == "number" and isinstance(one, bool))
            ):
                raise PluginFailed(f"the answer {one!r} is no {gives}")
        known = np.array([one is not None for one in found], dtype=bool)
        if gives == "truth":
            return Column(np.array([bool(one) for one in found], dtype=bool), known)
        code = self._scene.texts.code
        numbers = [
            code(one) if isinstance(one, str) else float(one or 0) for one in found
        ]  # fmt: skip
        return Column(np.array(numbers), known)
