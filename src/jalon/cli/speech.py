"""The terminal's language, for every verb."""

from __future__ import annotations

import click

from jalon.app.language import from_environment, share
from jalon.vocab.text import N_, Text

speech = from_environment()
share(speech)
_ = speech.gettext

# What click says by itself: written here for the catalogue only.
_CLICK_SAYS = (
    N_("Usage:"),
    N_("Options"),
    N_("Commands"),
    N_("Show the version and exit."),
    N_("Show this message and exit."),
    N_("%(prog)s, version %(version)s"),
    N_("default: {default}"),
    N_("required"),
    N_("Error: {message}"),
    N_("Aborted!"),
    N_("Try '{command} {option}' for help."),
    N_("Invalid value: {message}"),
    N_("Invalid value for {param_hint}: {message}"),
    N_("Missing argument"),
    N_("Missing command."),
    N_("Missing option"),
    N_("No such command {name!r}."),
    N_("No such option {name!r}."),
    N_("Option {name!r} does not take a value."),
    N_("{value!r} is not a valid {number_type}."),
    N_("{value} is not in the range {range}."),
    N_("{name} {filename!r} does not exist."),
    N_("{name} {filename!r} is a directory."),
    N_("{name} {filename!r} is a file."),
    N_("directory"),
    N_("file"),
    N_("path"),
    speech.ngettext("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)", 1),
    speech.ngettext(
        "Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})", 1
    ),
    speech.ngettext(
        "Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments.", 1
    ),
    speech.ngettext("{value!r} is not {choice}.", "{value!r} is not one of {choices}.", 1),
)


def tell(text: Text) -> None:
    """Print one sentence in the terminal's language, at once."""
    click.echo(speech.render(text))
