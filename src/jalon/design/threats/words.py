"""Facts of the threat rules as sentences: why a threat is likelier, and what lowers it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from jalon.catalogues.threat_rules import Fact
from jalon.design.controls import Strength
from jalon.design.spec.tests import Verdict
from jalon.design.threats.threat import ElementKind, Treatment
from jalon.vocab.text import N_

RAISED: Mapping[Fact, str] = MappingProxyType(
    {
        Fact.UNENCRYPTED: N_("nothing encrypts it, as far as is written"),
        Fact.NO_INTEGRITY: N_("nothing shows a change on the way, as far as is written"),
        Fact.UNAUTHENTICATED: N_("nothing proves who speaks, as far as is written"),
        Fact.WEAK_CIPHER: N_("its cipher is outdated"),
        Fact.SINGLE: N_("there is only one of it"),
        Fact.MANY: N_("there are many of it"),
        Fact.MAINS: N_("it can be unplugged"),
    }
)
ANSWERED: Mapping[Fact, str] = MappingProxyType(
    {
        Fact.ENCRYPTED: N_("architecture.yaml declares encryption"),
        Fact.INTEGRITY: N_("architecture.yaml declares an integrity check"),
        Fact.AUTHENTICATED: N_("architecture.yaml declares how the ends know each other"),
        Fact.TLS: N_("architecture.yaml declares TLS"),
        Fact.TLS_IN: N_("all that comes in is encrypted, says architecture.yaml"),
        Fact.TLS_OUT: N_("all that goes out is encrypted, says architecture.yaml"),
        Fact.COMMANDS_AUTHENTICATED: N_("who commands is authenticated, says architecture.yaml"),
        Fact.LORAWAN_COUNTERS: N_("LoRaWAN counts its frames and joins over the air"),
        Fact.BUFFERED: N_("it keeps messages while the line is down"),
    }
)
TREATMENT_WORDS: Mapping[Treatment, str] = MappingProxyType(
    {
        Treatment.OPEN: N_("nothing done"),
        Treatment.PLANNED: N_("planned"),
        Treatment.FAILED: N_("control failed"),
        Treatment.TREATED: N_("treated"),
        Treatment.ACCEPTED: N_("accepted"),
    }
)
STRENGTH_WORDS: Mapping[Strength, str] = MappingProxyType(
    {
        Strength.PLANNED: N_("planned"),
        Strength.CLAIMED: N_("done, no test proves it"),
        Strength.PROVED: N_("proved by tests"),
        Strength.FAILED: N_("a test failed"),
    }
)
VERDICT_WORDS: Mapping[Verdict | None, str] = MappingProxyType(
    {
        Verdict.PASSED: N_("passed"),
        Verdict.FAILED: N_("failed"),
        Verdict.BLOCKED: N_("blocked"),
        None: N_("never run"),
    }
)
KIND_WORDS: Mapping[ElementKind, str] = MappingProxyType(
    {
        ElementKind.COMPONENT: N_("component"),
        ElementKind.FLOW: N_("flow"),
        ElementKind.EXTERNAL: N_("existing system"),
        ElementKind.ZONE: N_("zone"),
        ElementKind.SOLUTION: N_("whole solution"),
    }
)
