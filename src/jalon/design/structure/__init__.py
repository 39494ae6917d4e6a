"""Architecture (C5): layers, crossings, single points of failure, growth, diagrams, drift."""
