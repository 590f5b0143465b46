"""Tests of the local edge over sockets."""
