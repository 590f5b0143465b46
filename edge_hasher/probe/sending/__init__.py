"""What probe sends, and what comes back."""
