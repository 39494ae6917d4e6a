"""Who is told, who is on call, and what became of messages."""
