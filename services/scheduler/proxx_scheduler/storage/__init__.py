"""The durable state: SQL stops here."""
