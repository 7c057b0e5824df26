"""`proxx-resolve-executor doctor`: what this host has of all that a render needs, and its record for the tests."""
