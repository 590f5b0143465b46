"""The shapes of a CloudFront origin-request event, for type checkers only: nothing imports this at run time.

Source: CloudFront Developer Guide, "Lambda@Edge event structure" (documented).
"""

from typing import Literal, NotRequired, TypedDict


class Header(TypedDict):
    """One value of a header; `key` is the name as it is on the wire, and may be left out of what is returned."""

    key: NotRequired[str]
    value: str


Headers = dict[str, list[Header]]
"""Lower-case name to values, in the order they came."""


class Body(TypedDict):
    """The request body that CloudFront passes when IncludeBody is true; `data` is base64 of at most 1 MiB."""

    action: Literal["read-only", "replace"]
    data: str
    encoding: Literal["base64", "text"]
    inputTruncated: bool


class CustomOrigin(TypedDict):
    """A custom origin, as a Function URL is; `customHeaders` holds what the operator set on it."""

    customHeaders: Headers
    domainName: str
    path: str
    port: int
    protocol: Literal["http", "https"]
    keepaliveTimeout: int
    readTimeout: int
    responseCompletionTimeout: NotRequired[int]
    sslProtocols: list[str]


class Origin(TypedDict, total=False):
    """Either a custom origin or an S3 origin."""

    custom: CustomOrigin
    s3: dict[str, object]


class Request(TypedDict):
    """An origin request; it has a `body` only when IncludeBody is true."""

    clientIp: str
    method: str
    uri: str
    querystring: str
    headers: Headers
    origin: NotRequired[Origin]
    body: NotRequired[Body]


class Config(TypedDict):
    """Where the event comes from; `requestId` is the viewer's x-amz-cf-id."""

    distributionDomainName: str
    distributionId: str
    eventType: Literal["viewer-request", "origin-request", "origin-response", "viewer-response"]
    requestId: str


class CloudFront(TypedDict):
    """The one record of an event."""

    config: Config
    request: Request


class Record(TypedDict):
    """The wrapper around the record."""

    cf: CloudFront


class Event(TypedDict):
    """The event: always one record."""

    Records: list[Record]


class Response(TypedDict):
    """A generated response; `status` is a string of 200 to 599."""

    status: str
    statusDescription: NotRequired[str]
    headers: NotRequired[Headers]
    body: NotRequired[str]
    bodyEncoding: NotRequired[Literal["text", "base64"]]
