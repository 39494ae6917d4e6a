"""One's own account: password, language, colours, signing out."""
