"""The embedded NATS server and its MQTT listener."""
