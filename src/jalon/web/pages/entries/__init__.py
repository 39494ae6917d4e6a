"""One form for every entry of the design's files, made from their models."""
