"""Why messages are refused, in words (English msgids)."""

from __future__ import annotations

from jalon.run.batch import Reason
from jalon.vocab.text import N_

REASONS = {
    Reason.UNKNOWN_TOPIC: N_("unknown topic"),
    Reason.UNKNOWN_DEVICE: N_("unknown device"),
    Reason.UNKNOWN_PROPERTY: N_("unknown property"),
    Reason.INVALID_UTF8: N_("text that is not UTF-8"),
    Reason.MALFORMED: N_("cannot be read"),
    Reason.OVERSIZED: N_("too large"),
    Reason.NOT_A_NUMBER: N_("not a number"),
    Reason.WRONG_TYPE: N_("wrong type"),
    Reason.WRONG_UNIT: N_("wrong unit"),
    Reason.INVALID_TIME: N_("invalid time"),
    Reason.FUTURE: N_("time in the future"),
    Reason.EMPTY: N_("empty"),
    Reason.CODEC: N_("the codec cannot read it"),
    Reason.CODEC_LIMIT: N_("the codec took too long or too much memory"),
    Reason.REPLAYED: N_("frame counter used before"),
    Reason.RETIRED: N_("device out of service"),
    Reason.BUG: N_("error inside Jalon"),
}
