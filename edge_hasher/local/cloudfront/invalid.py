"""The 502 of a function result: CloudFront's sentences and the exception that carries one with its reason."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeGuard


class Text(StrEnum):
    """What the viewer reads in the 502 page. Seen word for word in public reports, unless marked inferred."""

    NOT_JSON = "The Lambda function returned invalid JSON: The JSON output is not parsable."
    NOT_OBJECT = "The Lambda function returned invalid JSON: The JSON output must be an object type."
    READ_ONLY_HEADER = (
        "The Lambda function result failed validation: The function tried to add, delete, or change a read-only header."
    )
    DISALLOWED_HEADER = "The Lambda function result failed validation: The function tried to add a blacklisted header."
    BODY = (
        "The Lambda function result failed validation: "
        "The body is not a string, is not an object, or exceeds the maximum size."
    )
    URI = "The Lambda function result failed validation: The specified URI is in an invalid format."
    HEADER_NOT_ARRAY = (
        "The Lambda function returned an invalid entry in the headers object: "
        "Each header entry in the headers object must be an array."
    )
    # Seen in CloudFront's log, with the header's name; as the viewer's sentence inferred.
    HEADER_VALUE = (
        "The Lambda function returned an invalid entry in the headers object: "
        "The value of each header value must be of string or array of string type."
    )
    # Likewise.
    HEADER_SYNTAX = "The Lambda function result failed validation: The function returned an invalid header."
    ORIGIN_HEADER = (
        "The Lambda function returned an invalid origin configuration: "
        "One or more HeaderName or HeaderValue values are invalid."
    )
    ORIGIN_DOMAIN = "The Lambda function returned an invalid origin configuration: The value of DomainName is invalid."
    # From here on, inferred.
    ORIGIN = "The Lambda function returned an invalid origin configuration."
    QUERY = "The Lambda function result failed validation: The specified query string is in an invalid format."
    STATUS = "The Lambda function result failed validation: The status code is invalid."
    READ_ONLY_FIELD = "The Lambda function result failed validation: The function tried to change a read-only field."


class InvalidResult(Exception):  # noqa: N818 (it names the verdict, as CloudFront does)
    """A function result that CloudFront answers with 502.

    `text` is the sentence in the page; `reason` is for the log: which field, what it was, what it should
    be. The reason repeats no header value but those of read-only headers, and nothing of a body.
    """

    def __init__(self, text: Text, reason: str) -> None:
        """Take the sentence and the reason."""
        super().__init__(f"{text} ({reason})")
        self.text = str(text)
        self.reason = reason


def is_object(value: object) -> TypeGuard[dict[str, object]]:
    """Whether a JSON value is an object; its keys are strings, then."""
    return isinstance(value, dict)


_SHORT_CHARS = 60


def short(value: object) -> str:
    """Return a value in quotes as far as a log line should hold it."""
    text = repr(value)
    return text if len(text) <= _SHORT_CHARS else f"{text[:_SHORT_CHARS]}…"


_JSON_TYPES = {
    dict: "an object",
    list: "an array",
    str: "a string",
    bool: "a boolean",
    int: "a number",
    float: "a number",
}


def typed(value: object) -> str:
    """Return a JSON value's type in words, for a reason."""
    return "null or missing" if value is None else _JSON_TYPES.get(type(value), type(value).__name__)
