"""Tests over sockets and processes."""
