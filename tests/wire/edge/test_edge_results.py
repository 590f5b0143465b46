"""The local edge end to end: what a function returns is held to CloudFront's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge_hasher.local.cloudfront.invalid import Text
from tests.support.edge.edge_fixtures import handler_spec, running_edge
from tests.support.edge.raw_http import ask, request
from tests.support.edge.scripted_function import FUNCTION, do

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.edge.edge_fixtures import Running

# One of each family of CloudFront's rules: what the function does, and CloudFront's sentence for it.
INVALID = {
    "null": ("answer = None", Text.NOT_OBJECT),
    "a string": ("answer = 'yes'", Text.NOT_OBJECT),
    "an array": ("answer = [r]", Text.NOT_OBJECT),
    "read-only header changed": ("h['via'] = [{'key': 'Via', 'value': 'me'}]", Text.READ_ONLY_HEADER),
    "read-only header added": ("h['if-none-match'] = [{'value': 'x'}]", Text.READ_ONLY_HEADER),
    "read-only header deleted": ("del h['via']", Text.READ_ONLY_HEADER),
    "disallowed header": ("h['connection'] = [{'key': 'Connection', 'value': 'close'}]", Text.DISALLOWED_HEADER),
    "disallowed prefix": ("h['x-edge-hop'] = [{'value': 'mine'}]", Text.DISALLOWED_HEADER),
    "headers not in an array": ("h['x-a'] = {'value': 'b'}", Text.HEADER_NOT_ARRAY),
    "header value a number": ("h['x-a'] = [{'key': 'X-A', 'value': 1}]", Text.HEADER_VALUE),
    "header injection": (r"h['x-a'] = [{'key': 'X-A', 'value': 'b\r\nX-B: c'}]", Text.HEADER_SYNTAX),
    "header name with a blank": ("h['x a'] = [{'key': 'x a', 'value': 'b'}]", Text.HEADER_SYNTAX),
    "uri without a slash": ("r['uri'] = 'a'", Text.URI),
    "uri with a query": ("r['uri'] = '/a?b=c'", Text.URI),
    "uri not a string": ("r['uri'] = 1", Text.URI),
    "uri too long": ("r['uri'] = '/' + 'a' * 8192", Text.URI),
    "query with a line end": (r"r['querystring'] = 'a\r\nb'", Text.QUERY),
    "method changed": ("r['method'] = 'PUT'", Text.READ_ONLY_FIELD),
    "client changed": ("r['clientIp'] = '10.0.0.1'", Text.READ_ONLY_FIELD),
    "no origin": ("del r['origin']", Text.ORIGIN),
    "two origins": ("r['origin']['s3'] = {}", Text.ORIGIN),
    "origin's domain": ("r['origin']['custom']['domainName'] = '10.0.0.1'", Text.ORIGIN_DOMAIN),
    "origin's header": (
        "r['origin']['custom']['customHeaders'] = {'x-amz-a': [{'key': 'X-Amz-A', 'value': 'b'}]}",
        Text.ORIGIN_HEADER,
    ),
    "body replaced, too long": (
        "r['body'] = {'action': 'replace', 'encoding': 'text', 'data': 'a' * 1048577}",
        Text.BODY,
    ),
    "body not base64": ("r['body'] = {'action': 'replace', 'encoding': 'base64', 'data': '!'}", Text.BODY),
    "status a number": ("answer = {'status': 200}", Text.STATUS),
    "status 199": ("answer = {'status': '199'}", Text.STATUS),
    "status 600": ("answer = {'status': '600'}", Text.STATUS),
    "generated body too long": ("answer = {'status': '200', 'body': 'a' * 1048577}", Text.BODY),
    "generated header injection": (
        r"answer = {'status': '200', 'headers': {'x-a': [{'key': 'X-A', 'value': 'b\r\nX-B: c'}]}}",
        Text.HEADER_SYNTAX,
    ),
}


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Run an edge with the function above."""
    spec = handler_spec(tmp_path_factory.mktemp("function"), FUNCTION)
    with running_edge(function=spec, processes=2) as running:
        yield running


@pytest.mark.parametrize("name", INVALID)
def test_invalid_results(edge: Running, name: str) -> None:
    """A result that breaks one of CloudFront's rules is 502 with CloudFront's text; the reason is in the log."""
    code, text = INVALID[name]
    before = len(edge.app.seen)
    answer = ask(edge.port, request("POST", f"/{name.replace(' ', '-')}", b"body", do(code)))
    assert (answer.status, answer.values("x-cache")) == (502, ["LambdaValidationError from cloudfront"])
    assert str(text).encode() in answer.body
    assert len(edge.app.seen) == before
    exchange = edge.last(f"/{name.replace(' ', '-')}")
    assert exchange.decision == "invalid result"
    assert exchange.sentence.startswith("CloudFront refuses the function's result: ")
