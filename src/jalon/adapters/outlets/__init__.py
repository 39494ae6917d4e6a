"""Where notices and calls leave: mail servers and web services."""
