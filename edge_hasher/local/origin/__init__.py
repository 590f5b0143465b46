"""OAC signs, the Function URL verifies: pure."""
