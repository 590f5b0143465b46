"""The sockets of the local edge: viewer side, Function URL side, relay."""
