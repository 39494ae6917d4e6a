"""Block 1: what is wanted and how it is built, as files and the checks on them."""
