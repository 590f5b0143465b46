"""The function's published versions: who uses each, and which may go."""
