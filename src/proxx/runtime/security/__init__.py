"""Who may reach the listeners of a process: TLS files, access file, and the guard that keeps both fresh."""
