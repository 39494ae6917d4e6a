"""Frameworks, evidence and assessment. Its first room comes with the issue on proof."""
