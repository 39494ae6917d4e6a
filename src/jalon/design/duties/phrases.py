"""How the chapter says things: facts, days, lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from jalon.design.document import Speak
from jalon.design.duties.facts import Fact
from jalon.design.duties.obligations import Applies, ObligationReport, countdown
from jalon.design.duties.register import Recipient
from jalon.vocab.entries import Wording
from jalon.vocab.text import N_, Names, Text
from jalon.vocab.times import DAY_MS


@dataclass(frozen=True, slots=True)
class Phrases:
    """Sentences in the reader's language."""

    speak: Speak

    def say(self, message: str, **params: object) -> str:
        """A sentence of ours."""
        return self.speak.render(Text(message, params))

    def text(self, found: Text | Wording | Names | str | None) -> str:
        """Whatever it is written as; “–” for nothing."""
        if isinstance(found, Text):
            return self.speak.render(found)
        if isinstance(found, str):
            return found or "–"
        return self.speak.word(found) or "–"

    def joined(self, found: Iterable[Text | Wording | Names | str]) -> str:
        """Several, with semicolons; “–” for none."""
        return "; ".join(self.text(one) for one in found) or "–"

    def fact(self, one: Fact) -> str:
        """A fact as question, answer and reason."""
        answer = {True: N_("yes"), False: N_("no"), None: N_("not known")}[one.value]
        reason = self.speak.word(one.said.reason) if one.said and one.said.reason else ""
        because = self.speak.render(one.because)
        told = f"{because}: {reason}" if reason else because
        return f"{self.speak.word(one.question)} {self.say(answer)} ({told})"

    def why(self, one: ObligationReport) -> str:
        """Why it applies, does not, or cannot be decided."""
        if one.because is not None:
            return self.speak.word(one.because)
        if one.applies is Applies.UNKNOWN:
            asked = " ".join(self.speak.word(fact.question) for fact in one.missing)
            return self.say(N_("Cannot be decided until this is answered: {facts}"), facts=asked)
        return " ".join(self.fact(fact) for fact in one.deciding) or "–"

    def when(self, one: ObligationReport) -> str:
        """From when it applies."""
        return self.speak.render(countdown(one))

    def days(self, length_ms: int | None) -> str:
        """How long something is kept."""
        if length_ms is None:
            return self.say(N_("without an end"))
        return self.number_of_days(length_ms / DAY_MS)

    def number_of_days(self, days: float | None) -> str:
        """The same of days."""
        if days is None:
            return self.say(N_("without an end"))
        return self.say(N_("{days} days"), days=f"{days:g}")

    def day(self, one: date | None) -> str:
        """A date, or “–”."""
        return one.isoformat() if one else "–"

    def recipients(self, found: Sequence[Recipient]) -> str:
        """Names with their country."""
        return (
            ", ".join(
                f"{self.speak.word(one.names)}" + (f" ({one.country})" if one.country else "")
                for one in found
            )
            or "–"
        )
