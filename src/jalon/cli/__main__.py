"""`python -m jalon.cli` is the command `jalon`."""

from jalon.cli.shell import main

main()
