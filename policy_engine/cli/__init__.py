"""The command policy-engine, a file for each subcommand."""
