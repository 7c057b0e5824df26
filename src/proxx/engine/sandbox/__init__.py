"""What a tool may do, see and reach: the levels, what they need, and what is handed to the launcher."""
