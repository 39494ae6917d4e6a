"""Sizing: airtime, bytes, battery life, load, storage, latency and cost, before anything runs."""
