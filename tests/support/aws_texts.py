"""What AWS answers, as literals: sentences, statuses and header names. Imports nothing of the product.

The tests compare the local edge with these, so a changed word in the product fails a test. Marks: documented (page
title), seen (public reports, word for word), inferred (ours, in the pattern of the others).
"""

from typing import NamedTuple


class ErrorPage(NamedTuple):
    """One of CloudFront's own answers; `close`: the viewer's connection ends with it."""

    status: int
    sentence: str
    x_cache: str = "Error from cloudfront"
    close: bool = False


# X-Cache. "Test and debug Lambda@Edge functions" (documented), the last three seen.
X_CACHE_VALIDATION = "LambdaValidationError from cloudfront"
X_CACHE_EXECUTION = "LambdaExecutionError from cloudfront"
X_CACHE_GENERATED = "LambdaGeneratedResponse from cloudfront"
X_CACHE_ERROR = "Error from cloudfront"
X_CACHE_MISS = "Miss from cloudfront"

# CloudFront's error pages. Statuses: "Request and response behavior for custom origins", "HTTP 502", "HTTP 503" and
# "HTTP 504 status code" (documented). Sentences seen, but for REQUEST_TOO_LARGE (inferred).
PAGE_TITLE = "ERROR: The request could not be satisfied"  # seen
PAGE_SUBTITLE = "The request could not be satisfied."  # seen
PAGE_SMALL_PRINT = "We can't connect to the server for this app or website at this time."  # seen
GET_WITH_BODY = ErrorPage(403, "Bad request.")
UNKNOWN_HOST = ErrorPage(403, "Bad request.")
ORIGIN_UNREACHABLE = ErrorPage(502, "CloudFront wasn't able to connect to the origin.")
METHOD_NOT_ALLOWED = ErrorPage(
    403, "This distribution is not configured to allow the HTTP request method that was used for this request."
)
REQUEST_TOO_LARGE = ErrorPage(413, "Request Entity Too Large.", close=True)
BAD_REQUEST = ErrorPage(400, "Bad request.", close=True)
FUNCTION_FAILED = ErrorPage(
    503,
    "The Lambda function associated with the CloudFront distribution is invalid or doesn't have "
    "the required permissions.",
    X_CACHE_EXECUTION,
)
FUNCTION_THROTTLED = ErrorPage(
    503,
    "The Lambda function associated with the CloudFront distribution was throttled.",
    "LambdaLimitExceeded from cloudfront",
)
ORIGIN_CLOSED = ErrorPage(502, "The origin closed the connection.")
ORIGIN_UNREACHABLE = ErrorPage(502, "CloudFront wasn't able to connect to the origin.")
ORIGIN_TIMEOUT = ErrorPage(
    504,
    "CloudFront attempted to establish a connection with the origin, but either the attempt failed or the "
    "origin closed the connection.",
)

# The 502 of a function's result. Seen, unless marked.
_FAILED = "The Lambda function result failed validation: "
NOT_JSON = "The Lambda function returned invalid JSON: The JSON output is not parsable."
NOT_OBJECT = "The Lambda function returned invalid JSON: The JSON output must be an object type."
READ_ONLY_HEADER = f"{_FAILED}The function tried to add, delete, or change a read-only header."
DISALLOWED_HEADER = f"{_FAILED}The function tried to add a blacklisted header."
BODY = f"{_FAILED}The body is not a string, is not an object, or exceeds the maximum size."
URI = f"{_FAILED}The specified URI is in an invalid format."
HEADER_NOT_ARRAY = (
    "The Lambda function returned an invalid entry in the headers object: "
    "Each header entry in the headers object must be an array."
)
HEADER_VALUE = (  # seen in CloudFront's log; as the viewer's sentence inferred
    "The Lambda function returned an invalid entry in the headers object: "
    "The value of each header value must be of string or array of string type."
)
HEADER_SYNTAX = f"{_FAILED}The function returned an invalid header."  # likewise
ORIGIN_HEADER = (
    "The Lambda function returned an invalid origin configuration: "
    "One or more HeaderName or HeaderValue values are invalid."
)
ORIGIN_DOMAIN = "The Lambda function returned an invalid origin configuration: The value of DomainName is invalid."
ORIGIN = "The Lambda function returned an invalid origin configuration."  # inferred
QUERY = f"{_FAILED}The specified query string is in an invalid format."  # inferred
STATUS = f"{_FAILED}The status code is invalid."  # inferred
READ_ONLY_FIELD = f"{_FAILED}The function tried to change a read-only field."  # inferred

# Headers that CloudFront guards in an origin-request function: "Restrictions on all edge functions" (documented).
READ_ONLY_HEADERS = frozenset({
    "accept-encoding",
    "cdn-loop",
    "content-length",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "transfer-encoding",
    "via",
})  # fmt: skip
DISALLOWED_HEADERS = frozenset({
    "client-cert",  # with the next two since viewer mTLS (seen)
    "client-cert-chain",
    "cloudfront-viewer-cert-pem",
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "trailer",
    "upgrade",
    "x-accel-buffering",
    "x-accel-charset",
    "x-accel-limit-rate",
    "x-accel-redirect",
    "x-amzn-auth",
    "x-amzn-cf-billing",
    "x-amzn-cf-id",
    "x-amzn-cf-xff",
    "x-amzn-errortype",
    "x-amzn-fle-profile",
    "x-amzn-header-count",
    "x-amzn-header-order",
    "x-amzn-lambda-integration-tag",
    "x-amzn-requestid",
    "x-cache",
    "x-forwarded-proto",
    "x-real-ip",
})  # fmt: skip
DISALLOWED_PREFIXES = ("x-amz-cf-", "x-edge-")

# The Function URL: 403 in two spellings (seen), Lambda's 413 (seen for Invoke), the 502 of a failed handler (seen).
FORBIDDEN = (
    "Forbidden. For troubleshooting Function URL authorization issues, see: "
    "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
)
SIGNATURE_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS "
    "Secret Access Key and signing method. Consult the service documentation for details."
)
UNKNOWN_CLIENT = "The security token included in the request is invalid."
TOO_LARGE = "Request must be smaller than 6291456 bytes for the InvokeFunction operation"
HANDLER_FAILED = b"Internal Server Error"
ANSWER_LIMIT_BYTES = 6_291_556  # the runtime's own text (seen)
PERMISSIONS = ("InvokeFunctionUrl", "InvokeFunction")  # "Control access to Lambda function URLs" (documented)
EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

# What the local edge plays, in the names of AWS's own documentation examples.
DISTRIBUTION_ARN = "arn:aws:cloudfront::123456789012:distribution/EDFDVBD6EXAMPLE"
DELIVERED_LIMIT_BYTES = 1_048_576  # "Restrictions on Lambda@Edge": 1 MB (documented); the exact number is inferred
