"""MQTT devices, by way of the embedded broker."""
