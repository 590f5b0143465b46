"""What people paste, read into exchanges: pure."""
