"""Unit tests of operate."""
