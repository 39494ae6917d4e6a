"""What the solution watches and decides: rules in files, evaluated on batches."""
