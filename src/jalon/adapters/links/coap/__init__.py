"""Devices that speak CoAP: they send to us, or we observe them."""
