"""The runtime driver."""
