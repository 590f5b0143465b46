"""The baseline of a cold start: imports nothing."""


def lambda_handler(event: object, context: object) -> None:
    """Do nothing."""
