"""Where the marshaller is installed: in the runtime client that is known, and nowhere in the way."""

import json
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from awslambdaric.lambda_runtime_marshaller import LambdaMarshaller

from edge_hasher.function.runtime_marshaller import Marshaller, install
from tests.support.golden import EVENTS

CLIENTS = {
    "no runtime client": "",
    "the runtime client": "import awslambdaric.bootstrap",
    "no attribute": "import awslambdaric.lambda_runtime_client as c; del c.BaseLambdaRuntimeClient.marshaller",
    "another marshaller": "import awslambdaric.lambda_runtime_client as c\n"
    "class Other(type(c.BaseLambdaRuntimeClient.marshaller)): pass\n"
    "c.BaseLambdaRuntimeClient.marshaller = Other()",
    "another signature": "import awslambdaric.lambda_runtime_marshaller as m\n"
    "m.LambdaMarshaller.unmarshal_request = lambda self, *, body: body\nimport awslambdaric.lambda_runtime_client",
    "another answer": "import awslambdaric.lambda_runtime_marshaller as m\n"
    "m.LambdaMarshaller.marshal_response = lambda self, response: b'{}'\nimport awslambdaric.lambda_runtime_client",
    "several at once": "import os, awslambdaric.bootstrap; os.environ['AWS_LAMBDA_MAX_CONCURRENCY'] = '4'",
}


@pytest.mark.parametrize("name", CLIENTS)
def test_it_is_never_in_the_way(name: str) -> None:
    """It is installed in the known client alone; anywhere else the function starts, and answers, as without it."""
    program = (
        f"{CLIENTS[name]}\nimport json, sys\nimport edge_hasher.function.handler as h\n"
        "c = sys.modules.get('awslambdaric.lambda_runtime_client')\n"
        "found = getattr(getattr(c, 'BaseLambdaRuntimeClient', None), 'marshaller', None)\n"
        "event = json.load(open(sys.argv[1]))\n"
        "digest = h.lambda_handler(event, None)['headers']['x-amz-content-sha256'][0]['value']\n"
        "print(type(found).__name__, digest)"
    )
    event_file = EVENTS / "11-post-json.json"
    command = [sys.executable, "-c", program, str(event_file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    kind, digest = done.stdout.split()
    assert (kind == "Marshaller") == (name == "the runtime client")
    assert len(digest) == 64


def modules(marshaller: Any) -> tuple[dict[str, Any], Any]:
    """A runtime client with this marshaller, as `sys.modules` would have it."""
    client = SimpleNamespace(marshaller=marshaller)
    return {
        "awslambdaric.lambda_runtime_client": SimpleNamespace(BaseLambdaRuntimeClient=client),
        "awslambdaric.lambda_runtime_marshaller": SimpleNamespace(LambdaMarshaller=LambdaMarshaller),
    }, client


class DeafMarshaller(LambdaMarshaller):  # type: ignore[misc]  # AWS's client ships no annotations
    """The client's own class as another version might have it: another answer to the same question."""

    def marshal_response(self, response: Any) -> bytes:
        """Answer with bytes."""
        return json.dumps(response).encode()


def test_it_is_installed_once() -> None:
    """A second call changes nothing."""
    found, client = modules(LambdaMarshaller())
    assert install(found)
    first = client.marshaller
    assert isinstance(first, Marshaller)
    assert install(found)
    assert client.marshaller is first


def test_it_leaves_another_interface_alone() -> None:
    """A marshaller of the client's class that answers otherwise, or of another class, stays."""
    found, client = modules(DeafMarshaller())
    assert not install(found)
    found["awslambdaric.lambda_runtime_marshaller"].LambdaMarshaller = DeafMarshaller
    assert not install(found)
    assert isinstance(client.marshaller, DeafMarshaller)
    assert not install({})


def test_it_leaves_a_process_of_several_invocations_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Lambda runs several invocations in one process, the client's own marshaller stays."""
    monkeypatch.setenv("AWS_LAMBDA_MAX_CONCURRENCY", "4")
    assert not install(modules(LambdaMarshaller())[0])
