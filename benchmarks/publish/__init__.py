"""From results to plots, tables and the report."""
