"""From resources to the facts that the checks judge."""
