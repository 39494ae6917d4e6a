"""The terminal's language, for every verb."""

from __future__ import annotations

import click

from jalon.app.language import from_environment
from jalon.vocab.text import Text

speech = from_environment()
_ = speech.gettext


def tell(text: Text) -> None:
    """Print one sentence in the terminal's language, at once."""
    click.echo(speech.render(text))
