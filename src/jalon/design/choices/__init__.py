"""Technology choice (C6): what the requirements exclude, and how what remains ranks."""
