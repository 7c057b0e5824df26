"""Whether a file ends where its own structure says, one module for each container, by bounded reads."""
