"""Sentences that cannot be built or verified are found; good ones are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from needs_writer import about, requirement

from jalon.app.solution import load
from jalon.catalogues.wording_lint import wording_lint
from jalon.design.needs.lint import LINT_RULES, faults
from jalon.design.needs.wording import check_wording
from jalon.vocab.entries import Wording

EXAMPLES = Path(__file__).parents[3] / "examples"

PLANTED = [
    ("vague", "The system answers quickly.", "quickly"),
    ("vague", "Le système répond rapidement aux demandes.", "rapidement"),
    ("vague", "Le système a une faible consommation.", "faible consommation"),
    ("subjective", "The pages are user-friendly.", "user-friendly"),
    ("subjective", "L'interface est conviviale pour tous.", "conviviale"),
    ("subjective", "Les échanges sont sécurisés.", "sécurisés"),
    ("escape", "The gateway keeps messages if possible.", "if possible"),
    ("escape", "La passerelle garde, dans la mesure du possible, les messages.", "dans la mesure"),
    ("open-ended", "The system reads temperature, humidity, etc.", "etc"),
    ("open-ended", "Le système lit la température et/ou l'humidité.", "et/ou"),
    ("absolute", "The service never stops.", "never"),
    ("absolute", "Le service répond à tout moment.", "à tout moment"),
    ("unfinished", "The system keeps data for TBD days.", "TBD"),
    ("unfinished", "La durée de garde est à définir.", "à définir"),
    ("compound", "The system shall store data and shall send alarms.", "and shall"),
    ("compound", "The system records the temperature and sends the alarm.", "and sends"),
    ("compound", "Le système enregistre les mesures et envoie une alerte.", "et envoie"),
    ("compound", "Le système doit mesurer le CO₂ ; il doit prévenir la classe.", "; il doit"),
    ("no-subject", "Store the measurements for a year.", "Store"),
    ("no-subject", "Shall keep the measurements.", "Shall"),
    ("no-subject", "Enregistrer les mesures pendant un an.", "Enregistrer"),
    ("no-subject", "Permettre d'exporter les mesures.", "Permettre"),
    ("no-unit", "The latency stays below 200.", "200"),
    ("no-unit", "Le délai est d'au plus 1 500, mesuré au courtier.", "1 500"),
    ("passive", "The data shall be encrypted.", "shall be encrypted"),
    ("too-long", "The system shows " + "the value of the room " * 11 + "to the teacher.", "The"),
]

SOUND = [
    "The system answers within 2 s.",
    "An action is quick when it takes 10 s.",
    "The system stores measurements and alerts for one year.",
    "The display shows the state by a colour and by a word.",
    "The pages comply with RGAA 4.1 and every chart has an equivalent table.",
    "Data shall be encrypted by the gateway.",
    "At most 2 alarms an hour reach a person.",
    "The latency stays below 1,500 ms.",
    "The goods are kept below -18 °C.",
    "Le système donne la part du temps sous 800 et 1 500 ppm.",
    "Le capteur mesure la température et l'humidité de la salle.",
    "Premier des appareils, le capteur dit son état.",
    "Papier les mains pleines, Nadia lit l'afficheur.",
    "Un appareil muet depuis une heure est signalé.",
]


@pytest.mark.parametrize(("rule", "sentence", "begins"), PLANTED)
def test_a_planted_fault_is_found_where_it_begins(rule: str, sentence: str, begins: str) -> None:
    wording = Wording.model_validate(sentence)
    found = {one.rule: one for one in faults(wording, measured=False, demand=True)}
    assert rule in found
    assert sentence[found[rule].at :].lower().startswith(begins.lower())


@pytest.mark.parametrize("sentence", SOUND)
def test_a_sound_sentence_is_left_alone(sentence: str) -> None:
    assert not list(faults(Wording.model_validate(sentence), measured=False, demand=True))


@pytest.mark.parametrize("name", ["school-air", "cold-chain"])
def test_the_good_sentences_of_the_examples_are_left_alone(name: str) -> None:
    assert not list(check_wording(load(EXAMPLES / name).about))


def test_every_rule_of_the_catalogue_has_its_planted_faults_in_both_languages() -> None:
    assert {one.id for one in wording_lint().rules} < set(LINT_RULES)
    assert set(LINT_RULES) == {rule for rule, _sentence, _begins in PLANTED}


def test_a_figure_or_a_measure_makes_a_vague_word_precise() -> None:
    wording = Wording.model_validate("The system answers quickly.")
    assert not list(faults(wording, measured=True, demand=True))


def test_an_objective_may_be_a_wish_but_not_a_draft() -> None:
    wish = Wording.model_validate("Better air in every room, always.")
    assert not list(faults(wish, measured=False, demand=False))
    draft = Wording.model_validate("Better air, level to be defined.")
    assert [one.rule for one in faults(draft, measured=False, demand=False)] == ["unfinished"]


def test_each_language_is_read_by_its_own_rules() -> None:
    """“Rapide” is no English fault, and “fast” no French one."""
    wording = Wording(fr="Le système répond fast.", en="The system is rapide.")
    assert not list(faults(wording, measured=False, demand=True))
    mixed = Wording(fr="Le système répond en 3 s.", en="The system is fast.")
    (one,) = faults(mixed, measured=False, demand=True)
    assert (one.language, one.rule) == ("en", "vague")


def test_what_is_meant_is_said_with_its_reason_and_told_when_it_is_no_longer_needed() -> None:
    meant = [{"rule": "vague", "reason": "The town's own word."}]
    stays = requirement("R1", "The system answers quickly.", lint_ok=meant)
    gone = requirement("R2", "The system answers within 2 s.", lint_ok=meant)
    wrong = requirement(
        "R3", "The system answers.", lint_ok=[{"rule": "vauge", "reason": "Why not."}]
    )
    found = list(check_wording(about(stays, gone, wrong)))
    assert [(one.rule, one.at.path) for one in found] == [
        ("needs.not-needed", ("requirements", 1, "lint_ok", 0, "rule")),
        ("needs.unknown-rule", ("requirements", 2, "lint_ok", 0, "rule")),
    ]
    assert found[1].hint is not None
    assert "vague" in str(found[1].hint)


def test_a_text_in_one_language_is_missed_where_the_others_are_in_both() -> None:
    both = {"fr": "Le système enregistre.", "en": "The system stores data."}
    half = {"en": "The system shows data."}
    solution = about(requirement("R1", both), requirement("R2", half))
    assert [(one.rule, one.at.path) for one in check_wording(solution)] == [
        ("needs.untranslated", ("requirements", 1, "statement"))
    ]
    alone = about(
        requirement("R1", half),
        requirement("R2", half),
        problem={"statement": {"en": "It is cold."}},
        name={"en": "Demo"},
    )
    assert not list(check_wording(alone)), "one language is a choice"
