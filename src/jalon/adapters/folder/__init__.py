"""The solution's files on disk: text, positions, and the models they fill."""
