"""What goes wrong, as data.

Every error a person can meet carries a `Text`: a sentence saying what happened and what to do,
translated where it is shown. The tree:

JalonError
 ├─ SolutionError      the files of the solution do not hold together; carries findings
 ├─ PortTaken          a listener cannot be opened
 ├─ BrokerError        the embedded broker did not start, or answered something unexpected
 ├─ StoreError         the store cannot be opened or is used by another process
 │   └─ Unstorable     this one thing breaks a rule of the store, and always will
 └─ UsageError         what was asked for does not exist or makes no sense
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from jalon.vocab.text import Text

if TYPE_CHECKING:
    from jalon.vocab.finding import Finding


class JalonError(Exception):
    """Base of every error meant for a person. `text` is shown in their language."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


class SolutionError(JalonError):
    """The solution's files have at least one error among `findings`."""

    def __init__(self, text: Text, findings: Sequence[Finding]) -> None:
        super().__init__(text)
        self.findings = tuple(findings)


class PortTaken(JalonError):  # noqa: N818 - named for what happened
    """TCP `port` on `host` is in use by another program."""

    def __init__(self, text: Text, host: str, port: int) -> None:
        super().__init__(text)
        self.host = host
        self.port = port


class BrokerError(JalonError):
    """The embedded broker failed to start, to answer, or to keep its promise."""


class StoreError(JalonError):
    """The store of readings or the registry cannot be used."""


class Unstorable(StoreError):  # noqa: N818 - named for what is wrong
    """What was to be stored breaks a rule of the store: to try again changes nothing."""


class UsageError(JalonError):
    """The person asked for something that does not exist or makes no sense."""
