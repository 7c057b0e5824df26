"""The embedded run: scheduler and FFmpeg executor as child processes of this one, and one job followed to its result.

What `proxx run`, `proxx up` and the library share.
"""
