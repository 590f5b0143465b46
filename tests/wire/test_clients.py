"""clients/: each sends bodies of every size through the local edge, and leaves a stream alone."""

from __future__ import annotations

import functools
import hashlib
import io
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import requests

from tests.support.edge.edge_fixtures import digest_of, running_edge

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.edge.edge_fixtures import Running

MIB = 1024 * 1024
SIZES = [0, 1, MIB, MIB + 1, 6_000_000]
DIGEST = "x-amz-content-sha256"

node = pytest.mark.skipif(shutil.which("node") is None, reason="there is no node on this machine")
go = pytest.mark.skipif(shutil.which("go") is None, reason="there is no Go on this machine")

NODE = """
import { readFileSync, createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
const [module, url, file, kind] = process.argv.slice(1);
const { hashingFetch } = await import(module);
let body = readFileSync(file), more = {};
if (kind === 'blob') body = new Blob([body]);
if (kind === 'form') { const form = new FormData(); form.append('file', new Blob([body]), 'a.bin'); body = form; }
if (kind === 'text') body = body.toString('latin1').replace(/[^ -~]/g, 'é');
if (kind === 'stream') { body = Readable.toWeb(createReadStream(file)); more = {duplex: 'half'}; }
if (kind === 'sent') more = {headers: {'x-amz-content-sha256': process.argv[5]}};
const init = {method: 'POST', body, ...more};
const answer = await (kind === 'request' ? hashingFetch(new Request(url, init)) : hashingFetch(url, init));
console.log(answer.status);
"""

GO = """
package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"

	"edgehasher"
)

func main() {
	content, _ := os.ReadFile(os.Args[2])
	var body io.Reader = bytes.NewReader(content)
	if len(os.Args) > 3 {
		body = io.MultiReader(bytes.NewReader(content)) // a stream: no GetBody
	}
	request, _ := http.NewRequest("POST", os.Args[1], body)
	client := http.Client{Transport: edgehasher.Transport{}}
	answer, err := client.Do(request)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(answer.StatusCode, len(request.Header))
}
"""


@pytest.fixture(scope="module")
def edge() -> Iterator[Running]:
    """A local edge with the function, and a recording app behind it."""
    with running_edge() as running:
        yield running


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a body comes from."""
    return tmp_path / "body.bin"


@pytest.fixture(scope="module")
def auth(root: Path) -> Any:
    """The Python client, as a user who copied the file imports it."""
    sys.path.insert(0, str(root / "clients/python"))
    try:
        import edge_hasher_auth  # type: ignore[import-not-found]  # noqa: PLC0415 (copied, not installed)
    finally:
        sys.path.pop(0)
    return edge_hasher_auth


@pytest.fixture(scope="module")
def go_client(root: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The Go client in a program."""
    folder = tmp_path_factory.mktemp("go")
    shutil.copytree(root / "clients/go", folder / "edgehasher")
    (folder / "go.mod").write_text(
        "module program\n\ngo 1.19\n\nrequire edgehasher v0.0.0\n\nreplace edgehasher => ./edgehasher\n"
    )
    (folder / "main.go").write_text(GO)
    environment = {"GOFLAGS": "-mod=mod", "GOPROXY": "off", "HOME": str(folder), "PATH": "/usr/bin:/bin:/usr/local/bin"}
    subprocess.run(["go", "vet", "./edgehasher"], cwd=folder, env=environment, check=False)
    subprocess.run(["go", "build", "-o", "program", "."], cwd=folder, env=environment, check=True)
    return str(folder / "program")


def body_of(size: int) -> bytes:
    """Bytes that are not text."""
    return (bytes(range(256)) * (size // 256 + 1))[:size]


def arrived(edge: Running, status: int, body: bytes) -> None:
    """The app got this body, in the last request."""
    assert status == 200
    assert digest_of(edge.app.seen[-1].body) == digest_of(body)


def run_node(root: Path, url: str, file: Path, *more: str) -> int:
    """Send a file with hashingFetch under node; gives the status."""
    module = str(root / "clients/javascript/edge-hasher.js")
    command = ["node", "--input-type=module", "-e", NODE, module, url, str(file), *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@node
@pytest.mark.parametrize("size", SIZES)
def test_javascript(edge: Running, root: Path, file: Path, size: int) -> None:
    """Every size arrives; the client hashes only what the edge cannot."""
    file.write_bytes(body_of(size))
    arrived(edge, run_node(root, f"{edge.url}/upload", file), body_of(size))


@node
@pytest.mark.parametrize("kind", ["blob", "form", "text", "request"])
def test_javascript_takes_any_body(edge: Running, root: Path, file: Path, kind: str) -> None:
    """A Blob, a form, text and a Request above 1 MiB: what is hashed is what is sent, with its content type."""
    file.write_bytes(body_of(MIB + 1))
    assert run_node(root, f"{edge.url}/upload", file, kind) == 200
    seen = edge.app.seen[-1]
    types = {"form": b"multipart/form-data; boundary=", "text": b"text/plain;charset=UTF-8"}
    assert (seen.values("content-type") or [b""])[0].startswith(types.get(kind, b""))
    assert len(seen.body) > MIB


@node
@pytest.mark.parametrize(("size", "status"), [(MIB, 200), (MIB + 1, 413)])
def test_javascript_leaves_a_stream_alone(edge: Running, root: Path, file: Path, size: int, status: int) -> None:
    """It goes as it is: the edge hashes it up to 1 MiB, and refuses it above."""
    file.write_bytes(body_of(size))
    assert run_node(root, f"{edge.url}/upload", file, "stream") == status


@node
def test_javascript_keeps_a_digest(edge: Running, root: Path, file: Path) -> None:
    """A digest that is there stays, and the edge checks it."""
    file.write_bytes(b"body")
    assert run_node(root, f"{edge.url}/upload", file, "sent", "0" * 64) == 400


@node
def test_javascript_without_crypto_says_so(root: Path) -> None:
    """On a page without crypto.subtle, as on plain HTTP, a large body fails with the reason, and a small one goes."""
    program = """
    Object.defineProperty(globalThis, 'crypto', {value: {}});
    const { withDigest } = await import(process.argv[1]);
    const request = size => new Request('http://127.0.0.1/', {method: 'POST', body: new Uint8Array(size)});
    const send = size => withDigest(request(size));
    console.log((await send(10)).headers.has('x-amz-content-sha256'));
    await send(1048577).catch(error => console.log(error.message));
    """
    module = str(root / "clients/javascript/edge-hasher.js")
    command = ["node", "--input-type=module", "-e", program, module]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines() == [
        "false",
        "This page cannot hash a body: browsers offer crypto.subtle on HTTPS and on localhost only.",
    ]


@pytest.mark.parametrize("size", SIZES)
def test_requests(edge: Running, auth: Any, size: int) -> None:
    """Bytes of every size, and a file that stands at its middle."""
    body = body_of(size)
    answer = requests.post(f"{edge.url}/upload", data=body, auth=auth.RequestsDigest(), timeout=30)
    arrived(edge, answer.status_code, body)

    held = io.BytesIO(b"before" + body)
    held.seek(6)
    answer = requests.post(f"{edge.url}/upload", data=held, auth=auth.RequestsDigest(), timeout=30)
    arrived(edge, answer.status_code, body)


def test_requests_with_text_form_and_other_auth(edge: Running, auth: Any) -> None:
    """Text, JSON and a form with a file are hashed as they are sent; another authentication comes first."""
    post = functools.partial(requests.post, f"{edge.url}/upload", timeout=30)
    large = body_of(MIB + 1)
    assert post(data="é" * MIB, auth=auth.RequestsDigest()).status_code == 200
    assert post(json={"text": "é" * 300_000}, auth=auth.RequestsDigest()).status_code == 200
    assert post(files={"file": ("a.bin", large)}, auth=auth.RequestsDigest()).status_code == 200
    basic = requests.auth.HTTPBasicAuth("user", "password")
    prepared = requests.Request("POST", edge.url, data=large, auth=auth.RequestsDigest(basic)).prepare()
    assert prepared.headers[DIGEST] == hashlib.sha256(large).hexdigest()
    assert prepared.headers["authorization"] == "Basic dXNlcjpwYXNzd29yZA=="


@pytest.mark.parametrize(("size", "status"), [(MIB, 200), (MIB + 1, 413)])
def test_requests_does_not_read_a_stream(edge: Running, auth: Any, size: int, status: int) -> None:
    """A generator is read once, by the sending, and a warning says what that means."""
    reads = []

    def stream() -> Iterator[bytes]:
        reads.append(size)
        yield body_of(size)

    with pytest.warns(UserWarning, match="read only once.* the edge will answer 413"):
        answer = requests.post(f"{edge.url}/upload", data=stream(), auth=auth.RequestsDigest(), timeout=30)
    assert (answer.status_code, reads) == (status, [size])


@pytest.mark.parametrize("size", SIZES)
def test_httpx(edge: Running, auth: Any, size: int) -> None:
    """Bytes of every size."""
    with httpx.Client(auth=auth.HttpxDigest(), trust_env=False, timeout=30) as client:
        arrived(edge, client.post(f"{edge.url}/upload", content=body_of(size)).status_code, body_of(size))


def test_httpx_with_forms(edge: Running, auth: Any) -> None:
    """A form with a file above 1 MiB, and JSON."""
    with httpx.Client(auth=auth.HttpxDigest(), trust_env=False, timeout=30) as client:
        form = client.post(f"{edge.url}/upload", files={"file": io.BytesIO(body_of(MIB + 1))})
        assert (form.status_code, client.post(f"{edge.url}/chat", json={"text": "é" * 300_000}).status_code) == (
            200,
            200,
        )


@pytest.mark.parametrize(("size", "status"), [(MIB, 200), (MIB + 1, 413)])
def test_httpx_does_not_read_a_stream(edge: Running, auth: Any, size: int, status: int) -> None:
    """A generator is read once, by the sending, and a warning says what that means."""
    reads = []

    def stream() -> Iterator[bytes]:
        reads.append(size)
        yield body_of(size)

    client = httpx.Client(auth=auth.HttpxDigest(), trust_env=False, timeout=30)
    with client, pytest.warns(UserWarning, match="read only once"):
        answer = client.post(f"{edge.url}/upload", content=stream())
    assert (answer.status_code, reads) == (status, [size])


@go
@pytest.mark.parametrize("size", SIZES)
def test_go(edge: Running, go_client: str, file: Path, size: int) -> None:
    """Every size arrives, and the caller's request stays as it was."""
    file.write_bytes(body_of(size))
    done = subprocess.run([go_client, f"{edge.url}/upload", str(file)], capture_output=True, text=True, check=True)
    assert done.stdout == "200 0\n"
    arrived(edge, 200, body_of(size))


@go
@pytest.mark.parametrize(("size", "status"), [(MIB, 200), (MIB + 1, 413)])
def test_go_leaves_a_stream_alone(edge: Running, go_client: str, file: Path, size: int, status: int) -> None:
    """What cannot be read twice is sent as it is."""
    file.write_bytes(body_of(size))
    command = [go_client, f"{edge.url}/upload", str(file), "stream"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"{status} 0\n"


@pytest.mark.parametrize("size", SIZES)
def test_curl(edge: Running, root: Path, file: Path, size: int) -> None:
    """The line of the page."""
    file.write_bytes(body_of(size))
    (line,) = re.findall(r"^curl .*$", (root / "clients/README.md").read_text(), re.MULTILINE)
    line = line.replace("https://chat.example.com", edge.url).replace("curl ", "curl -sS --disable --noproxy '*' ", 1)
    line = line.replace("@file", f"@{file.name}").replace("sha256sum file", f"sha256sum {file.name}")
    done = subprocess.run(["sh", "-c", line], cwd=file.parent, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("ok", "")
    arrived(edge, 200, body_of(size))
