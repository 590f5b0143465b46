"""The tests; each test's name and first line are the requirement."""
