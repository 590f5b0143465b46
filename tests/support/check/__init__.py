"""What the tests of check share."""
