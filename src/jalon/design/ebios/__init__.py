"""EBIOS Risk Manager (C3): the five workshops, derived where they can be, and their coherence."""
