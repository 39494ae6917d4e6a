"""Jalon: design, build, run and steer an Internet-of-Things solution from one folder of files."""
