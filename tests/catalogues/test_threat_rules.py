"""The rules name nothing that is not there, and say everything in both languages."""

from __future__ import annotations

import pytest

from jalon.catalogues.security_standards import provision_ids, standards
from jalon.catalogues.threat_rules import (
    Fact,
    ThreatRule,
    capec_names,
    cwe_names,
    suggested_controls,
    threat_rules,
)
from jalon.design.threats.words import ANSWERED, RAISED

RULES = list(threat_rules().values())


def test_there_are_rules_for_every_letter_and_the_world_of_things() -> None:
    assert len(RULES) >= 100
    assert {letter for rule in RULES for letter in rule.stride} == set("STRIDE")
    assert {word for rule in RULES for word in rule.linddun} == {
        "L",
        "Id",
        "Nr",
        "D",
        "Dd",
        "U",
        "Nc",
    }


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_names_what_exists(rule: ThreatRule) -> None:
    assert set(rule.controls) <= set(suggested_controls())
    assert set(rule.without) <= set(threat_rules())
    assert set(rule.cwe) <= set(cwe_names())
    assert set(rule.capec) <= set(capec_names())
    assert rule.stride or rule.linddun
    assert set(rule.more) <= set(RAISED), "what makes it likelier is said in words"
    assert set(rule.answers) <= set(ANSWERED), "what lowers it is said in words"
    assert rule.fr != rule.en
    assert rule.how.fr != rule.how.en


def test_every_suggestion_is_made_by_a_rule_and_answers_known_provisions() -> None:
    used = {name for rule in RULES for name in rule.controls}
    assert used == set(suggested_controls())
    for control in suggested_controls().values():
        assert set(control.provisions) <= provision_ids(), control.id


def test_every_fact_is_asked_for() -> None:
    asked = {
        fact
        for rule in RULES
        for some in (rule.when.all, rule.when.any, rule.when.none, rule.more, rule.answers)
        for fact in some
    }
    assert asked == set(Fact)


def test_standards_name_features_and_provisions_that_exist() -> None:
    main = {one.id for one in standards()["etsi-en-303-645"].provisions}
    assert len(main) == 78
    known = {letter for one in standards().values() for letter in one.features}
    for standard in standards().values():
        ids = [one.id for one in standard.provisions]
        assert len(ids) == len(set(ids))
        assert standard.to_check, "nobody compared it with the text itself"
        for one in standard.provisions:
            assert set(one.features) <= known
            assert set(one.by) <= main
