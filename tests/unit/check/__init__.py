"""check: from files to findings."""
