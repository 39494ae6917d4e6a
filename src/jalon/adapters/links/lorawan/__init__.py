"""LoRaWAN uplinks, by way of a network server."""
