"""The example's build: started as the Lambda Web Adapter starts it, with nothing but the artifact and Python."""

import hashlib
import http.client
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest_plugins = ["tests.support.aws.ministack", "tests.support.stack.example_fixtures"]

START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 10.0
# The layer's start script, in effect: AWS_LAMBDA_EXEC_WRAPPER runs it in place of the runtime.
BOOTSTRAP = 'exec -- "${LAMBDA_TASK_ROOT}/${_HANDLER}"'


@pytest.fixture(scope="module")
def agent(built_example: Path, python313: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """Start the built function's app as the layer does; gives its address once it is ready."""
    artifact = built_example / ".aws-sam/build/AgentFunction"
    commands = tmp_path_factory.mktemp("bin")
    # The runtime's Python, without the packages of the environment that the tests run in.
    (commands / "python3").write_text(f'#!/bin/sh\nexec "{Path(python313).absolute()}" -S -B "$@"\n')
    (commands / "python3").chmod(0o755)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "PATH": f"{commands}:/usr/bin:/bin",
        "LAMBDA_TASK_ROOT": str(artifact),
        "_HANDLER": "run.sh",
        "AWS_LWA_PORT": str(port),
        "AGENT_TOKEN_DELAY_MS": "0",
    }
    process = subprocess.Popen(["bash", "-c", BOOTSTRAP], env=environment, cwd=os.sep)
    try:
        wait_until_ready(process, port)
        yield "127.0.0.1", port
    finally:
        process.terminate()
        process.wait(STOP_TIMEOUT_S)


def wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    """Ask for the readiness path of the template, as the adapter does, until it answers 200."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        assert process.poll() is None, f"run.sh ended with {process.returncode}"
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    pytest.fail(f"the app was not ready within {START_TIMEOUT_S} s")


def test_chat_streams_from_the_artifact(agent: tuple[str, int]) -> None:
    """A POST gets server-sent events: the first of them while the agent still works."""
    connection = http.client.HTTPConnection(*agent, timeout=10)
    body = json.dumps({"message": "wait 1 seconds then 2 + 2"})
    connection.request("POST", "/chat", body, {"content-type": "application/json"})
    answer = connection.getresponse()

    started = time.monotonic()
    first = answer.readline()
    first_after_s = time.monotonic() - started
    rest = answer.read().decode()
    connection.close()

    assert answer.getheader("content-type", "").startswith("text/event-stream")
    assert first == b": stream\n"
    assert first_after_s < 0.9 < time.monotonic() - started
    assert "event: done" in rest


def test_upload_is_hashed_by_the_artifact(agent: tuple[str, int]) -> None:
    """A binary body arrives whole."""
    body = bytes(range(256)) * 5000
    connection = http.client.HTTPConnection(*agent, timeout=10)
    connection.request("POST", "/upload?name=x.bin", body, {"content-type": "application/octet-stream"})

    told = json.loads(connection.getresponse().read())

    connection.close()
    assert (told["bytes"], told["sha256"]) == (len(body), hashlib.sha256(body).hexdigest())


def test_start_script_is_executable_in_the_artifact(built_example: Path) -> None:
    """The layer executes it, so its mode must survive build and zip."""
    script = built_example / ".aws-sam/build/AgentFunction/run.sh"

    assert script.stat().st_mode & 0o777 == 0o755
    assert script.read_bytes().startswith(b"#!/bin/sh\n")


def test_artifact_has_no_bytecode_and_no_commands(built_example: Path) -> None:
    """Nothing of the machine that builds: no bytecode of its Python, no scripts with its paths."""
    artifact = built_example / ".aws-sam/build/AgentFunction"

    assert not [path for path in artifact.rglob("*") if path.suffix == ".pyc" or path.name == "bin"]


def test_publisher_holds_the_page_and_one_module(built_example: Path, root: Path) -> None:
    """The custom resource's function carries the page's files and its own code, nothing else."""
    artifact = built_example / ".aws-sam/build/PagePublisher"
    page = root / "examples/streaming-agent/app/page"

    held = {path.relative_to(artifact).as_posix() for path in artifact.rglob("*") if path.is_file()}

    files = {f"page/{path.relative_to(page).as_posix()}" for path in page.rglob("*") if path.is_file()}
    assert held == files | {"publish_page.py"}
