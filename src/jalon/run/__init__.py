"""Block 2: what the solution does while it runs. Pure and synchronous; I/O stands behind ports."""
