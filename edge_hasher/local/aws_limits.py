"""The numbers of AWS that the local edge keeps to, each once, and the names of its own made-up account.

The function has its own copy of the first: a model must not take its limits from the code that it tests.
"""

from __future__ import annotations

# "Restrictions on Lambda@Edge": a body is cut, and a replaced body or a generated response ends, at 1 MB (documented).
# That this means 1,048,576 raw bytes, and that exactly so many still pass, is inferred.
EDGE_BODY_LIMIT_BYTES = 1_048_576
# "Amazon CloudFront endpoints and quotas" (documented).
# "Maximum length of a request or an origin response, including headers": 20,480 in most copies of the quota page,
# 32,768 in the newest (conflict; the smaller one here).
REQUEST_HEAD_LIMIT_BYTES = 20_480
RESPONSE_HEAD_LIMIT_BYTES = 20_480
URL_LIMIT_BYTES = 8_192  # that scheme and host count is inferred
RETURNED_URI_LIMIT_CHARS = 8_192  # uri and querystring of a function's result must be shorter
CUSTOM_HEADER_NAME_LIMIT_CHARS = 256
CUSTOM_HEADER_VALUE_LIMIT_CHARS = 1783
CUSTOM_HEADERS_LIMIT = 10  # of an origin; a default that AWS raises on request
CUSTOM_HEADERS_LIMIT_CHARS = 10_240  # names and values of all of them
ORIGIN_TIMEOUT_RANGE_S = (1, 120)

# Lambda's limit on a synchronous request: 6 MB ("Lambda quotas", documented), 6,291,456 bytes in its own text (seen).
LAMBDA_EVENT_LIMIT_BYTES = 6_291_456
LAMBDA_RESPONSE_LIMIT_BYTES = 6_291_556  # the number in the runtime's own text (seen)

ACCOUNT_ID = "123456789012"  # the account of AWS's own examples; the local edge has none
REGION = "us-east-1"
FUNCTION_URL_ID = "edgehasherlocal"
FUNCTION_URL_HOST = f"{FUNCTION_URL_ID}.lambda-url.{REGION}.on.aws"
DISTRIBUTION_ID = "EDFDVBD6EXAMPLE"
