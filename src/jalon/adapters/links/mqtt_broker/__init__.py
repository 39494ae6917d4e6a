"""An MQTT broker that is already there (EMQX, Mosquitto, HiveMQ), read as one of its clients."""
