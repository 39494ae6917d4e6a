"""What the law asks, personal data, ethics and accessibility."""
