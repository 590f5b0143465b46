"""Tests without sockets, SAM or a browser: seconds."""
