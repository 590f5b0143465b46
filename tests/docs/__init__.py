"""Tests that the docs are true."""
