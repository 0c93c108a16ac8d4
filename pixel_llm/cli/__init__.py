"""The command line `pixel-llm`: one file a subcommand."""
