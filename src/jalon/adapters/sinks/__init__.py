"""Where copies of readings go: databases, folders, buckets, other brokers."""
