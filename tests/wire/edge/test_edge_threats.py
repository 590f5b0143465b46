"""The local edge end to end: secrets stay where they belong, and nobody speaks in another's name."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from edge_hasher.local.cloudfront.model import Policy
from edge_hasher.local.commands import local_report
from edge_hasher.local.exchange import KEPT_EXCHANGES
from tests.support.edge.edge_fixtures import digest_of, running_edge
from tests.support.edge.raw_http import ask, connected, request
from tests.support.edge.signing_client import signed_request

if TYPE_CHECKING:
    from tests.support.edge.edge_fixtures import Running, Talk

AUTHORIZATION = "Bearer viewers-own-secret"
SECRET = "very-secret-text"  # noqa: S105 - what must not be found
HOST = "Host: 127.0.0.1"
EDGE = {"settings": ("keep-authorization=x-viewer-authorization",)}


def inspected(edge: Running) -> bytes:
    """Give the inspector's list as JSON."""
    answer = ask(edge.port, f"GET /__edge/requests HTTP/1.1\r\n{HOST}\r\n\r\n".encode())
    assert answer.status == 200
    return answer.body


def test_nothing_secret_is_shown(edge: Running) -> None:
    """No token, key, Authorization, cookie or body is in the exchanges, the log lines or the inspector's JSON."""
    edge.app.answer = (
        f"HTTP/1.1 200 OK\r\nSet-Cookie: s={SECRET}\r\nContent-Length: {len(SECRET)}\r\n\r\n{SECRET}".encode()
    )
    body = f"body {SECRET}".encode()
    viewer = (f"Authorization: {AUTHORIZATION}", f"Cookie: session={SECRET}")
    ask(edge.port, request("POST", "/secrets", body, *viewer))
    ask(edge.port, request("POST", "/secrets", body, digest_of(b"wrong"), *viewer))
    ask(edge.port, request("GET", "/secrets", body, *viewer))
    ask(edge.direct_port, request("POST", "/secrets", body, *viewer))
    keys = edge.addresses.caller_keys
    for wrong in (False, True):
        message = signed_request(edge, "POST", "/secrets", body, {"Cookie": f"session={SECRET}"})
        ask(edge.direct_port, message.replace(b"body", b"Body") if wrong else message)
    edge.wait_for_ends(6)
    shown = b"\n".join(
        [
            json.dumps([exchange.as_dict() for exchange in edge.ended]).encode(),
            *(local_report.as_text(exchange).encode() for exchange in edge.ended),
            *(local_report.as_json(exchange).encode() for exchange in edge.ended),
            repr(edge.ended).encode(),
            inspected(edge),
        ]
    )
    seen = next(seen for seen in edge.app.seen if seen.values("x-amz-security-token"))
    cloudfronts_token = seen.values("x-amz-security-token")[0]
    secrets = [
        SECRET,
        "viewers-own-secret",
        keys.secret_access_key,
        str(keys.session_token),
        cloudfronts_token.decode(),
    ]
    assert seen.values("x-viewer-authorization") == [AUTHORIZATION.encode()]
    assert [secret for secret in secrets if secret.encode() in shown] == []
    assert b"Canonical request" in shown


def test_a_forged_request_id_stays_outside(edge: Running) -> None:
    """A direct call that names a running exchange's id, or guesses at its mark, is an exchange of its own."""
    go = asyncio.Event()
    asked = asyncio.Event()

    async def wait(talk: Talk) -> None:
        asked.set()
        await go.wait()
        await talk.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    edge.app.routes[b"/victim"] = wait
    with connected(edge.port) as connection:
        connection.send(request("POST", "/victim", b"x"))
        edge.do(asyncio.wait_for(asked.wait(), 20))
        request_id = edge.app.seen[-1].values("x-amz-cf-id")[0].decode()
        for mark in ((), ("X-Edge-Hop: guess",), ("X-Edge-Hop: \u00e4",)):
            answer = ask(edge.direct_port, request("GET", "/forged", None, f"X-Amz-Cf-Id: {request_id}", *mark))
            assert answer.status == 403
            assert edge.last("/forged").source == "direct"
        edge.loop.call_soon_threadsafe(go.set)
        assert connection.answer().status == 200
    victim = edge.last("/victim")
    assert (victim.verdict, victim.source) == ("admitted", "edge")
    assert len([step for step in victim.steps if step.name == "function-url"]) == 1


def test_the_mark_of_the_edge_goes_no_further(edge: Running) -> None:
    """What tells the Function URL that a request is the edge's does not reach the app, nor can a viewer send it."""
    assert ask(edge.port, request("GET", "/mark", None, "X-Edge-Hop: mine", "x-edge-hop: again")).status == 200
    assert edge.app.seen[-1].values("x-edge-hop") == []


@pytest.mark.parametrize("name", ["X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Source-Arn", "X-Amz-Source-Account"])
def test_a_viewers_own_amz_headers(edge: Running, name: str) -> None:
    """A viewer's X-Amz-* headers do not survive where CloudFront writes its own."""
    assert ask(edge.port, request("GET", "/amz", None, f"{name}: forged", f"{name.lower()}: forged")).status == 200
    values = edge.app.seen[-1].values(name.lower())
    assert len(values) == 1
    assert b"forged" not in values[0]


def test_a_viewers_other_amz_headers_are_signed(edge: Running) -> None:
    """Others pass, signed; two of one name too, in whatever case, and two digests count as none: one is set."""
    assert ask(edge.port, request("GET", "/amz", None, "X-Amz-Meta: a", "x-amz-meta: b")).status == 200
    assert edge.app.seen[-1].values("x-amz-meta") == [b"a", b"b"]
    both = (digest_of(b"x"), digest_of(b"y").replace("X-Amz", "x-amz"))
    assert ask(edge.port, request("POST", "/amz", b"x", *both)).status == 200
    assert edge.app.seen[-1].values("x-amz-content-sha256") == [digest_of(b"x").partition(" ")[2].encode()]


def test_a_doubled_digest_without_a_function() -> None:
    """Two digests sign a list, which is no body's hash: 403, whatever their spelling."""
    with running_edge(function=None) as running:
        both = (digest_of(b"x"), digest_of(b"x").replace("X-Amz", "x-amz"))
        assert ask(running.port, request("POST", "/twice", b"x", *both)).status == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil", "[", ""]
)
@pytest.mark.parametrize("path", ["/__edge", "/__edge/", "/__edge/requests", "/__edge/events?x"])
def test_the_inspector_answers_to_its_own_names(edge: Running, host: str, path: str) -> None:
    """A foreign name that points here, as DNS rebinding makes one, sees nothing of the inspector."""
    answer = ask(edge.port, f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert answer.status == 403
    assert b"edge" not in answer.body


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "LOCALHOST:8080", "[::1]:8080", "app.localhost", "192.0.2.7:80"]
)
def test_the_inspector_answers_to_names_that_nobody_can_take(edge: Running, host: str) -> None:
    """Addresses and localhost are ours."""
    answer = ask(edge.port, f"GET /__edge/requests HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert (answer.status, answer.values("access-control-allow-origin")) == (200, [])


def test_a_foreign_page_cannot_fetch_the_inspector(edge: Running) -> None:
    """A script of another site may not even open the streams; a link from there may open the page."""
    foreign = f"GET /__edge/events HTTP/1.1\r\n{HOST}\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: %s\r\n\r\n"
    assert ask(edge.port, (foreign % "cors").encode()).status == 403
    assert ask(edge.port, (foreign % "navigate").replace("/events", "/").encode()).status == 200


@pytest.mark.parametrize(
    ("edge", "status", "error_type"),
    [
        ({"function": None}, 403, "InvalidSignatureException"),
        ({"function": None, "policy": Policy(forward_host=True)}, 403, "AccessDeniedException"),
    ],
    ids=["no-digest", "forward-host"],
    indirect=["edge"],
)
def test_an_exchange_is_not_forgotten_on_its_way(edge: Running, status: int, error_type: str) -> None:
    """A request that newer ones overtake gets the verdict that it would get alone, and stays one exchange."""
    message = request("POST", "/overtaken", b"12")
    with connected(edge.port) as connection:
        connection.send(message[:-1])
        edge.wait_for_begin("/overtaken")
        with connected(edge.port) as other:
            for number in range(KEPT_EXCHANGES + 50):
                other.ask(request("GET", f"/overtaking/{number}"))
        connection.send(message[-1:])
        answer = connection.answer()
    assert (answer.status, answer.values("x-amzn-errortype")) == (status, [error_type])
    exchange = edge.last("/overtaken")
    assert (exchange.source, exchange.verdict) == ("edge", error_type)
    assert [ended.source for ended in edge.ended if ended.target == "/overtaken"] == ["edge"]


def test_only_the_last_exchanges_are_kept(edge: Running) -> None:
    """The inspector remembers a fixed number, however many there were."""
    with connected(edge.port) as connection:
        for number in range(KEPT_EXCHANGES + 5):
            connection.ask(request("GET", f"/number/{number}", b"x"))
    kept = json.loads(inspected(edge))["requests"]
    assert len(kept) == KEPT_EXCHANGES
    assert kept[-1]["target"] == f"/number/{KEPT_EXCHANGES + 4}"
