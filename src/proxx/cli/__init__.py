"""The `proxx` command: the operator's interface (docs/CLI.md)."""
