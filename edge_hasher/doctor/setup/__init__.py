"""One behavior, chosen from code or from a distribution, as the local edge sets itself up by it."""
