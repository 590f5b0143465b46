"""Measure: the programs that make the numbers."""
