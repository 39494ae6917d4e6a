"""Vendors' JavaScript codecs, run where they can harm nothing."""

from jalon.adapters.sandbox.child import Limits
from jalon.adapters.sandbox.sandbox import Sandbox, ScriptCodec, ScriptError

__all__ = ["Limits", "Sandbox", "ScriptCodec", "ScriptError"]
