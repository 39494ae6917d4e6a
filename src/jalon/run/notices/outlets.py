"""By what messages leave, as it is written in `notifications.yaml`. Passwords and keys are named,
never written: `jalon secret` keeps them."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from jalon.run.notices.rates import Rate
from jalon.vocab.entries import Identifier, Strict, refusal
from jalon.vocab.text import N_, Text

SecretName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$")]
Url = Annotated[str, Field(pattern=r"^https?://[^\s/?#@{}]+(?:[/?][^\s#]*)?$", max_length=2000)]
"""No user, no fragment, and no place to be filled in the host."""


def _path(text: str) -> str:
    if not PurePath(text).is_absolute():
        message = N_("Write the whole path, from the root: /etc/ssl/plant-ca.pem.")
        raise refusal(Text(message))
    return text


CaFile = Annotated[str, AfterValidator(_path)]


class OutletSettings(Strict):
    """What every outlet has."""

    id: Identifier = Field(description="Id by which channels name the outlet.")
    rate: Rate | None = Field(
        default=None, description="At most so many messages to all people together."
    )


class Smtp(OutletSettings):
    """A mail server that takes our mail."""

    kind: Literal["smtp"] = Field(description="Mail over SMTP.")
    host: str = Field(min_length=1, max_length=253, description="Name or address of the server.")
    port: int | None = Field(
        default=None, ge=1, le=65535, description="587 with starttls, 465 with tls, 25 with none."
    )
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="How the way there is encrypted."
    )
    user: str | None = Field(default=None, description="Account at the server, if it needs one.")
    password: SecretName | None = Field(default=None, description="Name of its secret.")
    sender: str = Field(
        alias="from",
        pattern=r"^[^\r\n]*[^\s@<>]+@[^\s@<>]+>?$",
        description="Who writes: jalon@example.org, or Jalon <jalon@example.org>.",
    )
    ca: CaFile | None = Field(
        default=None, description="File of the authority its certificate is from, if a private one."
    )

    @property
    def at(self) -> tuple[str, int]:
        """Host and port."""
        usual = {"starttls": 587, "tls": 465, "none": 25}
        return self.host, self.port or usual[self.security]


class Web(OutletSettings):
    """What every web service has."""

    private: bool = Field(
        default=False,
        description="The service is on this machine or in the local network; without it only"
        " public addresses over https are called.",
    )
    ca: CaFile | None = Field(
        default=None, description="File of the authority its certificate is from, if a private one."
    )


class Webhook(Web):
    """Any web service that takes JSON."""

    kind: Literal["webhook"] = Field(description="JSON to an address, signed.")
    url: Url = Field(description="Where it is posted to.")
    secret: SecretName | None = Field(
        default=None, description="Name of the secret it is signed with (Standard Webhooks)."
    )


class Ntfy(Web):
    """A server of ntfy, for telephones; a channel's address is its topic."""

    kind: Literal["ntfy"] = Field(description="Push messages by ntfy.")
    url: Url = Field(default="https://ntfy.sh", description="The server.")
    token: SecretName | None = Field(default=None, description="Name of its access token.")


class Matrix(Web):
    """A Matrix homeserver; a channel's address is a room, as !abc:example.org."""

    kind: Literal["matrix"] = Field(description="Messages in a Matrix room.")
    url: Url = Field(description="The homeserver, as https://matrix.example.org.")
    token: SecretName = Field(description="Name of the access token of our account.")


class Slack(Web):
    """A Slack channel."""

    kind: Literal["slack"] = Field(description="An incoming webhook of Slack, or of Mattermost.")
    url_secret: SecretName = Field(description="Name of the secret that holds its address.")


class Teams(Web):
    """A channel of Microsoft Teams."""

    kind: Literal["teams"] = Field(description="A webhook workflow of Microsoft Teams.")
    url_secret: SecretName = Field(description="Name of the secret that holds its address.")


class Gateway(Web):
    """An SMS or voice gateway, or anything else with a web address.

    Places in braces are filled and escaped as where they stand needs it: `{to}`, `{severity}`,
    `{title}`, `{text}`, `{short}` (one line, 160 characters), `{language}`, `{link}`, `{key}` (the
    same at every try), and one for each of `secrets`.
    """

    kind: Literal["gateway"] = Field(description="Any HTTP service, by a template.")
    method: Literal["POST", "PUT", "GET"] = Field(default="POST", description="HTTP method.")
    url: Url = Field(description="Address; places are allowed after the host.")
    headers: dict[str, str] = Field(default_factory=dict, description="HTTP headers.")
    secrets: dict[Identifier, SecretName] = Field(
        default_factory=dict, description="Places that secrets fill: place → name of the secret."
    )
    json_body: dict[str, object] | None = Field(
        default=None, alias="json", description="The body as JSON; places in its texts are filled."
    )
    form: dict[str, str] | None = Field(
        default=None, description="Or the body as a form (application/x-www-form-urlencoded)."
    )
    text: str | None = Field(default=None, description="Or the body as plain text.")


class Browser(OutletSettings):
    """Pages of Jalon that are open; a channel's address is the name the person signs in with."""

    kind: Literal["browser"] = Field(description="Open pages of this solution.")


Outlet = Annotated[
    Smtp | Webhook | Ntfy | Matrix | Slack | Teams | Gateway | Browser, Field(discriminator="kind")
]
NEED_ADDRESS = (Smtp, Ntfy, Matrix, Browser)
PLACES = frozenset({"to", "severity", "title", "text", "short", "language", "link", "key"})
PLACE = re.compile(r"\{([A-Za-z][A-Za-z0-9_-]*)\}")
"""A place in a text of a gateway."""
