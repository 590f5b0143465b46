"""Unit tests of function."""
