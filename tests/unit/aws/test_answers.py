"""What is not an answer of AWS, or not a whole one, is one error of one line, for every call of the door."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from edge_hasher.aws.door import Aws
from edge_hasher.aws.errors import NoAnswerError, ThrottledError, UnexpectedAnswerError
from tests.support.aws.distribution_configs import ARN
from tests.support.aws.faults import FAULTS, page
from tests.support.aws.once_clients import OnceClients, account

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REGION = "us-east-1"
SECRET = "s3cr3t-between-edge-and-origin"  # noqa: S105 (in every made-up page)
CALLS: dict[str, Callable[[Aws], object]] = {
    "GetDistribution": lambda aws: aws.cloudfront.distribution("E1"),
    "UpdateDistribution": lambda aws: aws.cloudfront.update("E1", b"<DistributionConfig/>", etag="E"),
    "ListTagsForResource": lambda aws: aws.cloudfront.tags("arn:aws:cloudfront::123456789012:distribution/E1"),
    "ListDistributions": lambda aws: list(aws.cloudfront.summaries(print)),
    "GetOriginAccessControl": lambda aws: aws.cloudfront.access_control("E1"),
    "GetCachePolicy": lambda aws: aws.cloudfront.cache_policy("E1"),
    "GetOriginRequestPolicy": lambda aws: aws.cloudfront.request_policy("E1"),
    "GetFunctionConfiguration": lambda aws: aws.functions.configuration("f"),
    "GetFunction": lambda aws: aws.functions.attachable(ARN),
    "GetRuntimeManagementConfig": lambda aws: aws.functions.runtime_updates("f", "1"),
    "ListVersionsByFunction": lambda aws: aws.functions.versions("f"),
    "ListAliases": lambda aws: aws.functions.aliases("f"),
    "ListFunctions": lambda aws: aws.functions.names(REGION),
    "ListFunctionUrlConfigs": lambda aws: aws.functions.urls("f", region=REGION),
    "GetPolicy": lambda aws: aws.functions.policy("f", None, region=REGION),
    "GetRole": lambda aws: aws.roles.trust_policy("arn:aws:iam::123456789012:role/r"),
    "GetParameter": lambda aws: aws.parameters.value("/p"),
    "DescribeStacks": lambda aws: aws.stacks.outputs("s"),
    "DescribeLogGroups": lambda aws: aws.logs.groups(REGION, "/aws"),
    "FilterLogEvents": lambda aws: aws.logs.lines(REGION, "/aws", 0, 1),
}


class Server(ThreadingHTTPServer):
    """Answers everything with the same bytes; None resets the connection."""

    wire: Any = b""


class Handler(BaseHTTPRequestHandler):
    """Reads a request, and answers."""

    protocol_version = "HTTP/1.1"

    def _serve(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.close_connection = True
        assert isinstance(self.server, Server)
        self.server.wire.send(self.connection, 200, [], b"")

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 (http.server's names)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


class Page:
    """Something that a server sends."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def send(self, connection: Any, *_: object) -> None:
        """Send it."""
        connection.sendall(self.content)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Give a server on loopback."""
    with Server(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def aws(server: Server) -> Iterator[Aws]:
    """Give the door to that server, with one client a service for all tests."""
    with account(AWS_ENDPOINT_URL=f"http://127.0.0.1:{server.server_address[1]}"):
        yield Aws(clients=OnceClients())


EVERYWHERE = (
    "reset", "closed", "half", "unavailable", "timed-out", "blocked", "html", "xhtml", "empty", "empty-json",
    "other-xml", "json-list", "entities",
)  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
def test_what_is_not_an_answer_is_one_line(call: str, aws: Aws, server: Server) -> None:
    """A cut, a page, nothing and another document are never a value, for any call; nothing of them is quoted."""
    for name in EVERYWHERE:
        server.wire = FAULTS[name]
        with pytest.raises(NoAnswerError) as raised:
            CALLS[call](aws)
        (line,) = raised.value.lines
        assert line.isprintable(), name
        assert SECRET not in line
        assert "<" not in line


@pytest.mark.parametrize("fault", ["throttled", "throttled-json"])
def test_throttling_is_an_error_of_its_own(fault: str, aws: Aws, server: Server) -> None:
    """What asks for fewer calls is told from what did not answer."""
    server.wire = FAULTS[fault]
    with pytest.raises(ThrottledError, match="fewer calls"):
        aws.cloudfront.distribution("E1") if fault == "throttled" else aws.functions.names(REGION)


def distribution(name: str, config: str) -> str:
    """Give an answer of GetDistribution."""
    return (
        f"<Distribution><Id>{name}</Id><ARN>arn</ARN><Status>Deployed</Status><LastModifiedTime>2026-11-20T09:00:00Z"
        f"</LastModifiedTime><DomainName>d.cloudfront.net</DomainName><DistributionConfig>{config}</DistributionConfig>"
        "</Distribution>"
    )


GOOD = "<DefaultCacheBehavior><TargetOriginId>a</TargetOriginId></DefaultCacheBehavior>"


def listing(quantity: int, items: str, *, truncated: str = "<IsTruncated>false</IsTruncated>") -> str:
    """Give an answer of ListDistributions."""
    return f"<DistributionList>{truncated}<Quantity>{quantity}</Quantity>{items}</DistributionList>"


def items(*names: str, behavior: str = GOOD) -> str:
    """Give the items of such an answer."""
    summaries = (
        f"<DistributionSummary><Id>{n}</Id><DomainName>d</DomainName>{behavior}</DistributionSummary>" for n in names
    )
    return f"<Items>{''.join(summaries)}</Items>"


HALF_BEHAVIOR = GOOD.replace(
    "<Target", "<LambdaFunctionAssociations><Quantity>2</Quantity></LambdaFunctionAssociations><Target"
)
BAD_XML: list[tuple[str, str]] = [
    ("GetDistribution", distribution("../../E1", GOOD)),
    ("GetDistribution", distribution("E1/x", GOOD)),
    ("GetDistribution", distribution("", GOOD)),
    ("GetDistribution", distribution("E1", "<Comment>s3cr3t-between-edge-and-origin</Comment>")),
    ("GetDistribution", distribution("E1", HALF_BEHAVIOR)),
    ("GetDistribution", distribution("E1", GOOD).replace("2026-11-20T09:00:00Z", "s3cr3t-between-edge-and-origin")),
    ("ListDistributions", listing(2, "")),
    ("ListDistributions", listing(1, items("E1", "E2"))),
    ("ListDistributions", listing(2, items("E1"))),
    ("ListDistributions", listing(0, items("E1"))),
    ("ListDistributions", listing(1, items("../E1"))),
    ("ListDistributions", listing(1, items("E1", behavior=""))),
    ("ListDistributions", listing(1, items("E1", behavior=HALF_BEHAVIOR))),
    ("ListDistributions", listing(1, items("E1"), truncated="")),
    ("ListDistributions", listing(1, items("E1"), truncated="<IsTruncated>true</IsTruncated>")),
    ("ListDistributions", "<DistributionList><Items /></DistributionList>"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "answer"), BAD_XML, ids=lambda value: str(value)[-60:])
def test_an_answer_with_a_hole_is_no_answer(call: str, answer: str, aws: Aws, server: Server) -> None:
    """A list without its items or its next page, a behavior that is missing, an id that is none: no value comes out."""
    server.wire = Page(page("200 OK", answer, "text/xml", headers="ETag: E1\r\n"))
    with pytest.raises(UnexpectedAnswerError) as raised:
        CALLS[call](aws)
    assert SECRET not in str(raised.value)


def test_whole_answers_are_taken(aws: Aws, server: Server) -> None:
    """The answers above are refused for their holes alone."""
    server.wire = Page(page("200 OK", distribution("E1", GOOD), "text/xml", headers="ETag: E1\r\n"))
    assert aws.cloudfront.distribution("E1").id == "E1"
    server.wire = Page(page("200 OK", listing(2, items("E1", "E2")), "text/xml"))
    assert [each["Id"] for each in aws.cloudfront.summaries(print)] == ["E1", "E2"]
    server.wire = Page(page("200 OK", listing(0, ""), "text/xml"))
    assert list(aws.cloudfront.summaries(print)) == []


def test_half_a_policy_is_no_policy(aws: Aws, server: Server) -> None:
    """A resource policy that is cut, or none at all, is never one that lacks a statement."""
    for policy in ('{"Version": "2012-10-17", "Statement": [', "", "null", '"s3cr3t"'):
        server.wire = Page(page("200 OK", f'{{"Policy": {policy!r}}}'.replace("'", '"'), "application/json"))
        with pytest.raises(UnexpectedAnswerError):
            aws.functions.policy("f", None, region=REGION)
