"""One folder a protocol; each keeps its codec apart from its I/O."""
