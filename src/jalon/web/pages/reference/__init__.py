"""The API, explained."""
