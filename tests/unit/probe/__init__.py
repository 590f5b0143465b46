"""Unit tests of probe."""
