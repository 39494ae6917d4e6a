"""Every text a person sees exists in French, whole, with the same places to fill."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from jalon.app.language import language
from jalon.run.batch import Reason
from jalon.vocab.text import Text
from jalon.web.reasons import REASONS

SOURCE = Path(__file__).parents[2] / "src" / "jalon"
METHODS = [
    ("**/design/spec/**.py", "tools.field_texts:extract"),
    ("**.py", "python"),
    ("**.html", "jinja2"),
]


def written() -> set[str]:
    """Every message id the code marks, plural forms joined with their singular."""
    found = extract_from_dir(
        SOURCE,
        METHODS,
        keywords={**DEFAULT_KEYWORDS, "N_": None},
        options_map={
            "**.html": {"extensions": "jinja2.ext.i18n", "trimmed": "true", "silent": "false"}
        },
    )
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


@pytest.fixture(scope="module")
def french() -> Catalog:
    """The French catalogue as written."""
    with (SOURCE / "locale" / "fr" / "LC_MESSAGES" / "jalon.po").open("rb") as file:
        return read_po(file, locale="fr")


def places(text: str) -> set[str]:
    """The names to be filled in a message, in either of the two styles."""
    return set(re.findall(r"\{(\w+)[^}]*\}|%\((\w+)\)", text))


def test_every_message_is_translated(french: Catalog) -> None:
    known = {
        m.id if isinstance(m.id, str) else m.id[0]
        for m in french
        if m.id and m.string and all(m.string)
    }
    assert sorted(written() - known) == []


def test_no_translation_is_left_over_or_fuzzy(french: Catalog) -> None:
    ids = {m.id if isinstance(m.id, str) else m.id[0] for m in french if m.id}
    assert sorted(ids - written()) == []
    assert [m.id for m in french if m.id and m.fuzzy] == []


def test_a_translation_fills_the_same_places(french: Catalog) -> None:
    for message in french:
        sources = [message.id] if isinstance(message.id, str) else list(message.id)
        found = message.string or ()
        targets = [found] if isinstance(found, str) else list(found)
        if message.id:
            wanted = set().union(*map(places, sources))
            for target in targets:
                assert places(target) <= wanted, message.id
            assert places(targets[-1]) == places(sources[-1]), message.id


def test_the_compiled_catalogue_speaks_french() -> None:
    text = Text("There is no folder {folder}.", {"folder": "here"})
    assert language("fr").render(text) != str(text)
    assert "here" in language("fr").render(text)
    assert language("xx").render(text) == str(text)


def test_the_terminal_speaks_french_in_what_its_library_says_too() -> None:
    def said(*arguments: str) -> str:
        run = subprocess.run(
            [sys.executable, "-m", "jalon.cli", *arguments],
            env={**os.environ, "JALON_LANG": "fr"},
            capture_output=True,
            text=True,
            check=False,
        )
        return run.stdout + run.stderr

    assert "Afficher cette aide et quitter." in said("--help")
    assert "Erreur" in said("up", "--port", "abc", "here")
    assert "type attendu" in said("up", "--port", "abc", "here")


def test_every_reason_to_refuse_a_message_has_words() -> None:
    assert set(REASONS) == set(Reason)
