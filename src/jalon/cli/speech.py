"""The terminal's language, for every verb."""

from __future__ import annotations

from jalon.app.language import from_environment

speech = from_environment()
_ = speech.gettext
