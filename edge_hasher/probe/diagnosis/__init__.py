"""From answers to causes: pure."""
