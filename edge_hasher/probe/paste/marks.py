"""How statuses, requests and headers are written by the tools that people copy from: one pattern a spelling."""

from __future__ import annotations

import re
from functools import cache

_METHOD = r"GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS"
_CODE = r"([1-5]\d\d)\b"
_URL = r"https?://[^\s'\"<>)\],]+"

HTTP_STATUS = re.compile(rf"HTTP/[0-9.]+ +{_CODE}(?: .*)?$")
REQUEST_LINE = re.compile(rf"({_METHOD}) (/\S*|\*|{_URL}) HTTP/[0-9.]+$")
COMMAND = re.compile(rf"(?:[$#%>] ?)?(?:curl|http|https|wget|xh) .*?({_URL}|\S+\.(?:cloudfront\.net|on\.aws)\S*)")
COMMAND_METHOD = re.compile(rf"(?:-X ?|--request[ =]|--method[ =]|^(?:http|https|xh) +)({_METHOD})\b")
COMMAND_BODY = re.compile(r" (?:-d|--data(?:-\w+)?|--json|-F|--form|--post-data)\b")
COMMAND_HEADER = re.compile(r"(?:-H|--header)[ =]?(['\"])([^:'\"]+): ?(.*?)\1")
REQUEST_FIELD = re.compile(
    rf"[\"']?(?:request )?(method|url)[\"']?\s*[:=\t ]\s*[\"']?({_METHOD}\b|{_URL}|/\S*)", re.IGNORECASE
)
METHOD_AND_URL = re.compile(rf"({_METHOD}) ({_URL})$")
WGET = re.compile(rf"--\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d--\s+({_URL})")
SECTION = re.compile(
    r"(request|response|general)(?: headers?)?(?: \([\d.,]+ \w+\))?:?(?:\s*view source)?$", re.IGNORECASE
)
LABEL = re.compile(
    r"^[ \t]*(Request URL|Request Method|Status Code|Status|Method|URL):?[ \t]*\n+[ \t]*(?=\S)",
    re.IGNORECASE | re.MULTILINE,
)

# The form's name, and its pattern with the status first; a form that shows the request names its groups.
_REASONS = (
    "Forbidden|Bad Gateway|Service (?:Temporarily )?Unavailable|Gateway Time-?out|Bad Request|Unauthorized|Not Found|OK"
    "|(?:Request Entity|Payload|Content) Too Large|Too Many Requests|Method Not Allowed|Internal Server Error"
)
_LIBRARIES = (
    "status code:? |HTTP ?Error:? |<Response \\[|Client error '|Server error '|success: |returned an error: \\("
    "|awaiting response\\.\\.\\. |^ERROR |returned error: |ResponseError: |status of |resulted in a `|\\bcode="
    "|client error \\(|Response code |Context\\.\\w+: "
)
_TALK = (
    "HTTP|status|error|code|got|gets?|returns?|returned|returning|responded|responds|response|fails?|failed|with|an?"
)
_ERROR = "(4(?:0[013459]|1[034]|2[19]|31|94)|50[0234])"
_NAMED = r"(?P<status>[1-5]\d\d)\b"
_PATTERNS = (
    ("field", rf"[\"'{{\[]*\s*(?:http|response)?[ _-]?:?status(?:[ _-]?code)?[\"']?\s*[:=|\t ]\s*[\"']?{_CODE}"),
    ("console", rf".*?\b(?:XHR)?(?P<method>{_METHOD})\s+(?P<url>{_URL})(?:\s.*?)??(?:\[HTTP/[0-9.]+ |\s){_NAMED}"),
    ("access", rf".*?\"(?P<method>{_METHOD}) (?P<url>\S+) HTTP/[0-9.]+\"[ :]+{_NAMED}"),
    ("page", r"(?:<H1>)?([45]\d\d) ERROR(?:</H1>)?\s*(?:(?:<H2>)?The request could not be satisfied.*)?$"),
    ("prefix", rf"(?:HTTP[ /:]*|status[ :]*|->|=>|\W)?\s*{_CODE}\W{{0,4}}(?=[{{<\[]|$)"),
    ("reason", rf"(?:HTTP )?{_CODE}:? \(?(?:{_REASONS})\b"),
    ("library", rf".*?(?:{_LIBRARIES}){_CODE}"),
    ("client", r".*?\b([45]\d\d) (?:Client|Server) Error\b"),
    (
        "words",
        rf".*?\b(?:{_TALK})\W{{1,3}}(?:with |an? |code |status |the )*{_ERROR}\b(?![-/.:]\d)",
    ),
)
STATUSES = tuple((form, re.compile(pattern, re.IGNORECASE)) for form, pattern in _PATTERNS)
ADDRESS = re.compile(_URL)

RESPONSE_NAMES = frozenset(
    {
        "age",
        "apigw-requestid",
        "server",
        "vary",
        "via",
        "www-authenticate",
        "x-amz-apigw-id",
        "x-amz-cf-id",
        "x-amz-cf-pop",
        "x-amz-id-2",
        "x-amz-request-id",
        "x-amzn-errortype",
        "x-amzn-remapped-content-length",
        "x-amzn-requestid",
        "x-amzn-trace-id",
        "x-amzn-waf-action",
        "x-cache",
    }
)
# Of other CDNs and hosts (seen).
FOREIGN_NAMES = frozenset(
    {"cf-mitigated", "cf-ray", "fly-request-id", "x-azure-ref", "x-github-request-id", "x-nf-request-id", "x-vercel-id"}
)
MISSPELT_DIGESTS = frozenset(
    {
        "amz-content-sha256",
        "content-sha256",
        "x-amz-content-sha-256",
        "x-amz-content-sha",
        "x-amz-contentsha256",
        "x-amz-payload-sha256",
        "x-amz-sha256",
        "x-amzn-content-sha256",
        "x-content-sha256",
    }
)
PSEUDO_NAMES = frozenset({":authority", ":method", ":path", ":scheme"})
REQUEST_NAMES = (
    MISSPELT_DIGESTS
    | PSEUDO_NAMES
    | {
        "access-control-request-headers",
        "access-control-request-method",
        "authorization",
        "cookie",
        "host",
        "next-action",
        "origin",
        "referer",
        "user-agent",
        "x-amz-content-sha256",
        "x-amz-date",
        "x-amz-security-token",
        "x-forwarded-host",
    }
)
EITHER_NAMES = frozenset(
    {"connection", "content-encoding", "content-length", "content-type", "date", "location", "transfer-encoding"}
)
KNOWN_NAMES = RESPONSE_NAMES | FOREIGN_NAMES | REQUEST_NAMES | EITHER_NAMES


@cache
def _names() -> str:
    return "|".join(sorted(map(re.escape, KNOWN_NAMES), key=len, reverse=True))


@cache
def header_line() -> re.Pattern[str]:
    """Return what matches a known header at the start of a line, with any separator; its value may be on the next."""
    return re.compile(
        rf"[-*+\"'\[{{(,\s]*(?P<name>{_names()})[\"']?\s*(?:(?<!,):|=>|=|\t|,\s|\s{{2,}}|\s:\s|\||$)\s*(?P<value>.*)$",
        re.IGNORECASE,
    )


@cache
def headers_within() -> re.Pattern[str]:
    """Return what matches each known header of several on one line, as Python, JavaScript and PowerShell print them."""
    value = r"(?:\[?\"(?P<double>[^\"]*)\"|\[?'(?P<single>[^']*)'|(?P<bare>[^\s,\]}]+))"
    return re.compile(
        rf"[\"'](?P<name>{_names()})[\"']\s*[:=,]\s*{value}|\[(?P<shell>{_names()}), (?P<listed>[^\]]*)\]"
        rf"|\b(?P<go>{_names()}):\[(?P<mapped>[^\]]*)\]",
        re.IGNORECASE,
    )
