"""The commands local, demo and invoke."""
