"""The one door to AWS: the only part of the package that imports boto3."""
