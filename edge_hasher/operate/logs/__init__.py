"""The function's log lines from every Region."""
