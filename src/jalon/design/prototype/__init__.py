"""Prototype (C7): hypotheses that were written before the run, and the verdict of the run."""
