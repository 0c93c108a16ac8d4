"""Programs that run inside the sandbox: standard library and pytest only, started by path."""
