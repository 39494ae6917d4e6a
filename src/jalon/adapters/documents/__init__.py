"""Printers of documents: one model of blocks as HTML, DOCX and PDF."""
