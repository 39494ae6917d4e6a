"""Block 3: how the project goes. Its first room comes with the issue on steering."""
