"""Diagrams of an architecture: scenes of boxes and lines, laid out and written as SVG."""
