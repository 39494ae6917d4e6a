"""How texts read, which acronyms are explained, and how amounts and typography are written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paper_trail import SOLUTION, write_shed

from jalon.app.language import language
from jalon.app.solution import load
from jalon.design.specification.acronyms import found_in, unexplained, used
from jalon.design.specification.block_texts import typeset
from jalon.design.specification.figures import bound, day, quantity
from jalon.design.specification.prose import Passage, passages
from jalon.design.specification.readability import (
    LONGEST,
    long_sentences,
    readability,
    sentences,
    syllables,
    words,
)
from jalon.vocab.finding import Mark
from jalon.vocab.measure import Measure

EASY = "The cat sat on the mat. It was a big cat. The dog came in. They ran to the door. "
HARD = (
    "Interoperability considerations necessitate comprehensive organisational standardisation"
    " throughout heterogeneous institutional environments. "
)


def test_sentences_end_where_they_end() -> None:
    text = "Il pleut. « Vraiment ? » Oui : 3.5 mm. Puis, plus rien…"
    assert sentences(text) == ["Il pleut.", "« Vraiment ? »", "Oui : 3.5 mm.", "Puis, plus rien…"]
    assert words("L'air, c'est 3 fois rien.") == ["L'air", "c'est", "fois", "rien"]


@pytest.mark.parametrize(
    ("word", "code", "count"),
    [
        ("cat", "en", 1), ("measure", "en", 2), ("table", "en", 2), ("open", "en", 2),
        ("école", "fr", 2), ("mesure", "fr", 2), ("air", "fr", 1), ("capteur", "fr", 2),
    ],
)  # fmt: skip
def test_syllables_are_groups_of_vowels(word: str, code: str, count: int) -> None:
    assert syllables(word, code) == count


def test_plain_texts_read_more_easily_than_learned_ones() -> None:
    def ease(text: str) -> float:
        found = readability([Passage(text * 12, "en", Mark("solution"))], "en").ease
        assert found is not None
        return found

    assert ease(EASY) > 90
    assert ease(HARD) < 0


def test_few_words_say_nothing() -> None:
    assert readability([Passage("Short.", "en", Mark("solution"))], "en").ease is None


def test_a_long_sentence_is_found_with_its_place() -> None:
    at = Mark("solution", ("context", "en"))
    long = " ".join(["word"] * (LONGEST + 1))
    (found,) = long_sentences([Passage(f"Short one. {long.capitalize()}.", "en", at)])
    assert (found.passage.at, found.words) == (at, LONGEST + 1)


def test_acronyms_are_told_from_ids_numbers_and_shouts() -> None:
    text = "La DGCCRF suit R-CO2, G4, XIV, CO₂, user@ABC et l'USB ; voir AES-128."
    assert found_in(text) == ["DGCCRF", "USB"]
    assert found_in("STOP NOW") == []
    assert used(["Le LoRaWAN et l'API.", "APIs"], ["API", "LoRaWAN", "TLS"]) == ["API", "LoRaWAN"]


def test_what_nothing_explains_is_told_once(tmp_path: Path) -> None:
    solution = SOLUTION.replace(
        "Les outils rouillent.", "La DGCCRF et la DGCCRF ; voir USB et SDS."
    )
    text = "\nglossary: [{id: sds, term: SDS, meaning: {fr: Fiche., en: Sheet.}}]\n"
    folder = write_shed(tmp_path / "shed", solution=solution, documents=text)
    found = unexplained(load(folder).blueprint)
    assert [(term, one.at.path) for term, one in found] == [
        ("DGCCRF", ("problem", "statement", "fr"))
    ]


def test_every_text_is_gathered_with_its_language(tmp_path: Path) -> None:
    found = {one.at: one for one in passages(load(write_shed(tmp_path / "shed")).blueprint)}
    where = Mark("solution", ("requirements", 0, "statement", "fr"))
    assert found[where].text == "Le système mesure l'humidité."
    role = Mark("documents", ("documents", 0, "signatories", 1, "role"))
    assert found[role].language == ""


def test_amounts_are_written_as_people_read_them() -> None:
    french = [
        quantity(Decimal(amount), unit, "fr").replace("\u00a0", "_").replace("\u202f", "'")
        for amount, unit in (
            ("4", "y"),
            ("1", "y"),
            ("1096", "d"),
            ("3.5", "EUR/month"),
            ("97", "%"),
        )
    ]
    assert french == ["4_ans", "1_an", "1'096_jours", "3,5_€/mois", "97_%"]
    english = [quantity(Decimal(a), u, "en") for a, u in (("97", "%"), ("0.0123", "s"))]
    assert english == ["97%", "0.012\u00a0s"]
    assert day(date(2026, 11, 3), "fr") == "3\u00a0novembre\u00a02026"
    measure = Measure.parse("alarm.latency p95 < 2 min")
    assert bound(measure, language("en")) == "<\u00a02\u00a0min, 95 times out of 100"
    upside_down = Measure.parse("alarm.latency p95 >= 2 min")
    assert bound(upside_down, language("en")) == "≥\u00a02\u00a0min, P95"


def test_french_typography() -> None:
    assert typeset("L'air : « bon » ; 20 % ?", "fr") == (
        "L’air\u00a0: «\u00a0bon\u00a0»\u202f; 20\u00a0%\u202f?"
    )
    assert typeset("http://a.b:80 at 12:30; yes?", "fr") == "http://a.b:80 at 12:30; yes?"
    assert typeset("the town's : “x”", "en") == "the town’s : “x”"


@given(st.text(), st.sampled_from(["fr", "en"]))
def test_typography_is_done_once_and_for_all(text: str, code: str) -> None:
    once = typeset(text, code)
    assert typeset(once, code) == once
