"""Modbus TCP and RTU: registers and coils of meters, drives and controllers, read by polling."""
