"""The risk study of EBIOS Risk Manager, a page a workshop."""
