"""The local edge as a behavior is in production: what was read becomes its configuration."""
