"""The verbs of `jalon`, one module each; a module's `command` is what runs."""
