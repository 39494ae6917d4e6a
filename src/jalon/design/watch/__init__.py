"""Watch (C1): what changes outside, how it touches this solution, and what was decided of it."""
