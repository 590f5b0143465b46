"""What the distribution decides: its names, the origin request policy, what passes back, and what to know of it."""
