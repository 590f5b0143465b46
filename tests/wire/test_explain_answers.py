"""`edge-hasher explain` on answers that a server really gave."""

from __future__ import annotations

import http.client
import shutil
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from edge_hasher.probe.explain import explain as explained_as
from tests.support.edge.edge_fixtures import running_edge
from tests.support.probe_causes import CAUSES

if TYPE_CHECKING:
    from pathlib import Path


def paste(url: str, method: str) -> str:
    """An answer as curl -i prints it."""
    with closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)) as connection:
        connection.request(method, "/", body=b'{"hello": "world"}')
        answer = connection.getresponse()
        headers = [f"{name}: {value}" for name, value in answer.getheaders()]
        return "\r\n".join([f"HTTP/1.1 {answer.status} {answer.reason}", *headers, "", answer.read().decode()])


# Where one answer alone says something else than the pattern: what a plain POST gets there.
ALONE = {
    "healthy": "got-through",
    "digest-trusted": "got-through",
    "digest-replaced": "got-through",
    "not-lambda": "got-through",
    "nothing-verified": "got-through",
    "authorization-not-overridden": "got-through",
    "bytes-hashed-as-text": "got-through",
    "waf-body-size": "got-through",
    "body-over-1-mib": "got-through",
    "large-bodies-fail": "got-through",
    "large-bodies-refused": "got-through",
    "function-not-attached-hidden": "error-page-hides",
    "wrong-digest-signed": "function-not-attached",
    "every-signature-wrong": "function-not-attached",
    "function-url-itself": "public-url-closed",
    "max-body-tiny": "body-too-large",
    "oac-does-not-sign": "permission-missing",
    "host-forwarded": "permission-missing",
}


@pytest.mark.parametrize("code", CAUSES)
def test_the_reading_is_the_probes(code: str, tmp_path: Path) -> None:
    """What a cause of the probe's table answers to one POST means the same here, or includes it."""
    cause = CAUSES[code][0]
    with cause.start(tmp_path) as url:
        found = explained_as(paste(url, cause.method))
    expected = ALONE.get(code, code)
    assert found.main.advice[0].code == expected
    if (
        expected in {"permission-missing", "function-not-attached", "public-url-closed"}
        and code != "every-signature-wrong"
    ):
        assert code in {advice.code for advice in found.main.advice}


def test_real_curl_is_understood(tmp_path: Path) -> None:
    """What the installed curl prints with -i and with -v is read, end to end."""
    if shutil.which("curl") is None:
        pytest.skip("there is no curl on this machine")
    with running_edge(function=None) as running:
        for option in ("-is", "-v", "-isv"):
            curl = ["curl", option, "--noproxy", "*", "-d", "{}", f"{running.url}/chat"]
            printed = subprocess.run(curl, capture_output=True, check=True, timeout=30, cwd=tmp_path)
            found = explained_as((printed.stderr + printed.stdout).decode())
            assert found.main.advice[0].code == "function-not-attached", option
            assert found.main.reading.cf_id, option
            assert found.main.reading.said.startswith("The request signature"), option
