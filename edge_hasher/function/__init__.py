"""The Lambda@Edge origin-request function: the only part of the package that ships to AWS."""
