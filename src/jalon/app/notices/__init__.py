"""Who is told, how, and when: people, channels, quiet hours, digests."""
