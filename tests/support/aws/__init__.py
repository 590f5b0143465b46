"""A stand-in for AWS for tests."""
