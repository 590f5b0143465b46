"""Where the marshaller is installed: in the runtime client that is known, and nowhere in the way."""

import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from awslambdaric.lambda_runtime_marshaller import LambdaMarshaller

from edge_hasher.function.runtime_marshaller import Marshaller, install
from tests.support.golden import EVENTS
from tests.support.marshalling import event

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


PAGE = Path(__file__).parents[3] / "docs" / "decisions" / "2026-11-21-runtime-marshaller.md"


def test_a_composed_handler_gets_it_with_one_call() -> None:
    """The lines that the page gives for a handler of one's own install the marshaller."""
    (lines,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    program = (
        f"import awslambdaric.bootstrap\n{lines}\nfrom awslambdaric.lambda_runtime_client import LambdaRuntimeClient\n"
        "print(type(LambdaRuntimeClient.marshaller).__module__)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "edge_hasher.function.runtime_marshaller\n"


def test_it_is_installed_in_an_older_client() -> None:
    """Until 3.1.1 the class that holds the marshaller has another name."""
    found, client = modules(LambdaMarshaller())
    found["awslambdaric.lambda_runtime_client"] = SimpleNamespace(LambdaRuntimeClient=client)
    assert install(found)
    assert isinstance(client.marshaller, Marshaller)


def test_arguments_that_are_not_known_are_the_clients() -> None:
    """A client that asks in another way, after its start, gets its own marshaller's answer."""

    class Newer(LambdaMarshaller):  # type: ignore[misc]  # AWS's client ships no annotations
        """Takes one argument more."""

        def unmarshal_request(self, request: Any, content_type: str = "application/json", *more: Any) -> Any:
            """Return what was asked for."""
            return (content_type, more) if more else super().unmarshal_request(request, content_type)

        def marshal_response(self, response: Any, *, pretty: bool = False) -> Any:
            """Return what was asked for."""
            return "pretty" if pretty else super().marshal_response(response)

    marshaller = Marshaller(Newer())
    raw = json.dumps(event()).encode()
    assert marshaller.unmarshal_request(raw, "application/json", "more") == ("application/json", ("more",))
    assert marshaller.unmarshal_request(raw, content_type="application/json") == event()
    assert marshaller.marshal_response({}, pretty=True) == "pretty"
