"""The subcommands of the `foretype` program, a module each."""
