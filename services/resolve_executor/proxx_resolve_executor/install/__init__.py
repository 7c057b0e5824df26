"""Puts the executor on a host with Resolve, and takes it off again. Needs the standard library only."""
