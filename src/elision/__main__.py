"""`python -m elision` is the command `elision`."""

from elision.cli.entry import main

main()
