"""Edge Hasher: body digests for CloudFront Origin Access Control, and the tools around them."""

__version__ = "0.1.0"
