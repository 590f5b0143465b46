"""A local edge for tests."""
