"""`edge-hasher probe`: a few requests from outside, and what their answers say together."""
