"""Commands: WoT actions on their way to devices, each run once."""
