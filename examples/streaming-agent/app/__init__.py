"""A small streaming agent behind CloudFront, Origin Access Control and a Lambda Function URL."""
