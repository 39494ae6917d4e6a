"""What can happen to a connected solution: rules over the facts of its elements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Literal

from pydantic import Field

from jalon.catalogues.catalogue import Catalogue, Catalogued, catalogue
from jalon.vocab.text import Names


class Fact(StrEnum):
    """What can hold for an element; `design/threats/facts.py` says when it does."""

    # what it is
    DEVICE = "device"
    SENSOR = "sensor"
    ACTUATOR = "actuator"
    GATEWAY = "gateway"
    HARDWARE = "hardware"
    BRIDGE = "bridge"
    BROKER = "broker"
    NETWORK_SERVER = "network-server"
    SERVICE = "service"
    INTAKE = "intake"
    STORE = "store"
    PAGES = "pages"
    MOBILE_APP = "mobile-app"
    IDENTITY_STORE = "identity-store"
    THIRD_PARTY = "third-party"
    COMPONENTS = "components"
    DEVICES = "devices"
    # how it stands
    EXPOSED = "exposed"
    TOUCHABLE = "touchable"
    PUBLIC_PLACE = "public-place"
    SEVERAL = "several"
    MANY = "many"
    SINGLE = "single"
    BATTERY = "battery"
    MAINS = "mains"
    GNSS = "gnss"
    OWN_TIME = "own-time"
    IP = "ip"
    UPDATES_REMOTE = "updates-remote"
    UPDATES_ON_SITE = "updates-on-site"
    UPDATES_NEVER = "updates-never"
    UPDATES_UNKNOWN = "updates-unknown"
    SENDS = "sends"
    RECEIVES = "receives"
    TLS_IN = "tls-in"
    TLS_OUT = "tls-out"
    COMMANDS_AUTHENTICATED = "commands-authenticated"
    # what travels
    CROSSES = "crosses"
    LOCAL = "local"
    RADIO = "radio"
    WIFI = "wifi"
    CELLULAR = "cellular"
    BLUETOOTH = "bluetooth"
    LORAWAN = "lorawan"
    LORAWAN_COUNTERS = "lorawan-counters"
    COAP = "coap"
    HTTP = "http"
    FIELDBUS = "fieldbus"
    FILE = "file"
    NOTICE = "notice"
    COMMAND = "command"
    EVENT_DRIVEN = "event-driven"
    BUFFERED = "buffered"
    FROM_DEVICE = "from-device"
    FROM_GATEWAY = "from-gateway"
    FROM_EXTERNAL = "from-external"
    TO_EXTERNAL = "to-external"
    # what guards it
    TLS = "tls"
    ENCRYPTED = "encrypted"
    UNENCRYPTED = "unencrypted"
    WEAK_CIPHER = "weak-cipher"
    INTEGRITY = "integrity"
    NO_INTEGRITY = "no-integrity"
    AUTHENTICATED = "authenticated"
    UNAUTHENTICATED = "unauthenticated"
    PASSWORD = "password"  # noqa: S105 - a fact, not a secret
    TOKEN = "token"  # noqa: S105 - likewise
    # what it carries
    PERSONAL = "personal"


class Stake(StrEnum):
    """What is lost, and so how grave it is."""

    SECRECY = "secrecy"
    INTEGRITY = "integrity"
    SERVICE = "service"
    HIGHEST = "highest"


class Via(StrEnum):
    """The road to the element. `REACH`: by radio or network, whichever is easier. `INSIDE`: by
    people who are let in, or by mistake. `SUPPLY`: by what it is made of."""

    PHYSICAL = "physical"
    RADIO = "radio"
    NETWORK = "network"
    REACH = "reach"
    INSIDE = "inside"
    SUPPLY = "supply"


class When(Catalogued):
    """A condition over facts: all of `all`, one at least of `any`, none of `none`."""

    all: frozenset[Fact] = frozenset()
    any: frozenset[Fact] = frozenset()
    none: frozenset[Fact] = frozenset()

    def holds(self, facts: frozenset[Fact]) -> bool:
        """Whether it does for an element of which these facts hold."""
        return (
            self.all <= facts
            and (not self.any or not self.any.isdisjoint(facts))
            and self.none.isdisjoint(facts)
        )


class How(Catalogued):
    """How it would happen, in a sentence."""

    fr: str
    en: str


class ThreatRule(Catalogued):
    """A threat and the elements it is about. `shift` and `vshift` move gravity and likelihood."""

    id: str
    fr: str
    en: str
    how: How
    stride: list[Literal["S", "T", "R", "I", "D", "E"]] = Field(default_factory=list)
    linddun: list[Literal["L", "Id", "Nr", "D", "Dd", "U", "Nc"]] = Field(default_factory=list)
    cwe: list[int] = Field(default_factory=list)
    capec: list[int] = Field(default_factory=list)
    about: list[Literal["component", "flow", "external", "zone", "solution"]]
    without: list[str] = Field(default_factory=list)
    when: When
    stake: Stake
    shift: int = 0
    at_least: int = Field(default=1, ge=1, le=4)
    via: Via
    vshift: int = 0
    more: list[Fact] = Field(default_factory=list)
    answers: list[Fact] = Field(default_factory=list)
    controls: list[str]

    @property
    def names(self) -> Names:
        """What could happen."""
        return Names({"fr": self.fr, "en": self.en})

    @property
    def story(self) -> Names:
        """How it would."""
        return Names({"fr": self.how.fr, "en": self.how.en})


class ThreatRules(Catalogue):
    """`threat_rules.yaml`."""

    rules: list[ThreatRule]


class SuggestedControl(Catalogued):
    """What can be done, what it answers in standards, and how to show that it works."""

    id: str
    fr: str
    en: str
    provisions: list[str]
    test_fr: str
    test_en: str

    @property
    def names(self) -> Names:
        """What is done."""
        return Names({"fr": self.fr, "en": self.en})

    @property
    def test(self) -> Names:
        """How one shows it."""
        return Names({"fr": self.test_fr, "en": self.test_en})


class ThreatControls(Catalogue):
    """`threat_controls.yaml`."""

    controls: list[SuggestedControl]


class Weakness(Catalogued):
    """An entry of CWE or CAPEC with a name of ours."""

    id: int
    fr: str
    en: str

    @property
    def names(self) -> Names:
        """To be shown."""
        return Names({"fr": self.fr, "en": self.en})


class Weaknesses(Catalogue):
    """`weaknesses.yaml`."""

    cwe: list[Weakness]
    capec: list[Weakness]


def threat_catalogue() -> ThreatRules:
    """The rules with where they come from."""
    return catalogue("threat_rules", ThreatRules)


@cache
def threat_rules() -> Mapping[str, ThreatRule]:
    """All rules by id, in the order of the file."""
    return MappingProxyType({one.id: one for one in threat_catalogue().rules})


@cache
def rules_on(kind: str) -> Sequence[ThreatRule]:
    """The rules about elements of that kind."""
    return tuple(rule for rule in threat_rules().values() if kind in rule.about)


@cache
def suggested_controls() -> Mapping[str, SuggestedControl]:
    """All suggestions by id."""
    controls = catalogue("threat_controls", ThreatControls).controls
    return MappingProxyType({one.id: one for one in controls})


@cache
def cwe_names() -> Mapping[int, Names]:
    """Names of weaknesses by CWE id."""
    known = catalogue("weaknesses", Weaknesses)
    return MappingProxyType({one.id: one.names for one in known.cwe})


@cache
def capec_names() -> Mapping[int, Names]:
    """Names of attack patterns by CAPEC id."""
    known = catalogue("weaknesses", Weaknesses)
    return MappingProxyType({one.id: one.names for one in known.capec})
