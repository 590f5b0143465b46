"""The local edge: CloudFront, the function under AWS's runtime client, OAC and a Function URL on loopback."""
