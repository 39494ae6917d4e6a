"""Facts of the threat rules as sentences: why a threat is likelier, and what lowers it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from jalon.catalogues.threat_rules import Fact
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
