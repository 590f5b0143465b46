"""Benchmarks that a sceptic can rerun: `python -m benchmarks` measures, renders and says what it does not show."""
