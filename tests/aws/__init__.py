"""Tests against MiniStack and SAM."""
