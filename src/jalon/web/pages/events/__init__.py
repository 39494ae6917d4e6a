"""The journal: every refusal with its reason, every change of identity, every link."""
