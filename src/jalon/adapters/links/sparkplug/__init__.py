"""Sparkplug B edge nodes and their devices, heard through the MQTT broker they share."""
