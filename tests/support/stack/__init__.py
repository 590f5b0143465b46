"""The stacks, for tests."""
