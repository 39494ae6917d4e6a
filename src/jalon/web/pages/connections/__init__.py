"""How devices reach Jalon: links, listeners, the authority to trust, guides."""
