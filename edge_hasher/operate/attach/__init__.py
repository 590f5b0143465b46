"""Attach the function to a distribution, detach it, put a configuration back."""
