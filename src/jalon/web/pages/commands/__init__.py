"""Commands: what devices were told, what awaits approval, what goes to many."""
