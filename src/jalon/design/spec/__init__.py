"""The files in which a design is written, as models: what is asked, never what is computed."""
