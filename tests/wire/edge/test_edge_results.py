"""The local edge end to end: what a function returns is held to CloudFront's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import aws_texts
from tests.support.edge.raw_http import ask, request
from tests.support.edge.scripted_function import FUNCTION, do

if TYPE_CHECKING:
    from tests.support.edge.edge_fixtures import Running

# One of each family of CloudFront's rules: what the function does, and CloudFront's sentence for it.
INVALID = {
    "null": ("answer = None", aws_texts.NOT_OBJECT),
    "a string": ("answer = 'yes'", aws_texts.NOT_OBJECT),
    "an array": ("answer = [r]", aws_texts.NOT_OBJECT),
    "read-only header changed": ("h['via'] = [{'key': 'Via', 'value': 'me'}]", aws_texts.READ_ONLY_HEADER),
    "read-only header added": ("h['if-none-match'] = [{'value': 'x'}]", aws_texts.READ_ONLY_HEADER),
    "read-only header deleted": ("del h['via']", aws_texts.READ_ONLY_HEADER),
    "disallowed header": ("h['connection'] = [{'key': 'Connection', 'value': 'close'}]", aws_texts.DISALLOWED_HEADER),
    "disallowed prefix": ("h['x-edge-hop'] = [{'value': 'mine'}]", aws_texts.DISALLOWED_HEADER),
    "headers not in an array": ("h['x-a'] = {'value': 'b'}", aws_texts.HEADER_NOT_ARRAY),
    "header value a number": ("h['x-a'] = [{'key': 'X-A', 'value': 1}]", aws_texts.HEADER_VALUE),
    "header injection": (r"h['x-a'] = [{'key': 'X-A', 'value': 'b\r\nX-B: c'}]", aws_texts.HEADER_SYNTAX),
    "header name with a blank": ("h['x a'] = [{'key': 'x a', 'value': 'b'}]", aws_texts.HEADER_SYNTAX),
    "uri without a slash": ("r['uri'] = 'a'", aws_texts.URI),
    "uri with a query": ("r['uri'] = '/a?b=c'", aws_texts.URI),
    "uri not a string": ("r['uri'] = 1", aws_texts.URI),
    "uri too long": ("r['uri'] = '/' + 'a' * 8192", aws_texts.URI),
    "query with a line end": (r"r['querystring'] = 'a\r\nb'", aws_texts.QUERY),
    "method changed": ("r['method'] = 'PUT'", aws_texts.READ_ONLY_FIELD),
    "client changed": ("r['clientIp'] = '10.0.0.1'", aws_texts.READ_ONLY_FIELD),
    "no origin": ("del r['origin']", aws_texts.ORIGIN),
    "two origins": ("r['origin']['s3'] = {}", aws_texts.ORIGIN),
    "origin's domain": ("r['origin']['custom']['domainName'] = '10.0.0.1'", aws_texts.ORIGIN_DOMAIN),
    "origin's header": (
        "r['origin']['custom']['customHeaders'] = {'x-amz-a': [{'key': 'X-Amz-A', 'value': 'b'}]}",
        aws_texts.ORIGIN_HEADER,
    ),
    "body replaced, too long": (
        "r['body'] = {'action': 'replace', 'encoding': 'text', 'data': 'a' * 1048577}",
        aws_texts.BODY,
    ),
    "body not base64": ("r['body'] = {'action': 'replace', 'encoding': 'base64', 'data': '!'}", aws_texts.BODY),
    "status a number": ("answer = {'status': 200}", aws_texts.STATUS),
    "status 199": ("answer = {'status': '199'}", aws_texts.STATUS),
    "status 600": ("answer = {'status': '600'}", aws_texts.STATUS),
    "generated body too long": ("answer = {'status': '200', 'body': 'a' * 1048577}", aws_texts.BODY),
    "generated header injection": (
        r"answer = {'status': '200', 'headers': {'x-a': [{'key': 'X-A', 'value': 'b\r\nX-B: c'}]}}",
        aws_texts.HEADER_SYNTAX,
    ),
}
EDGE = {"function": FUNCTION, "processes": 2}


@pytest.mark.parametrize("name", INVALID)
def test_invalid_results(edge: Running, name: str) -> None:
    """A result that breaks one of CloudFront's rules is 502 with CloudFront's text; the reason is in the log."""
    code, text = INVALID[name]
    before = len(edge.app.seen)
    answer = ask(edge.port, request("POST", f"/{name.replace(' ', '-')}", b"body", do(code)))
    assert (answer.status, answer.values("x-cache")) == (502, [aws_texts.X_CACHE_VALIDATION])
    assert text.encode() in answer.body
    assert len(edge.app.seen) == before
    exchange = edge.last(f"/{name.replace(' ', '-')}")
    assert exchange.decision == "invalid result"
    assert exchange.sentence.startswith("CloudFront refuses the function's result: ")
