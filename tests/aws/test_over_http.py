"""Whole commands over HTTP, against moto's server."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from click.testing import CliRunner
from moto.server import ThreadedMotoServer

from edge_hasher.cli import main
from tests.support.aws.stubbed_aws import package
from tests.support.schemas import checked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FUNCTION = "edge"
GROUP = f"/aws/lambda/us-east-1.{FUNCTION}"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """Start moto's server, and give its address."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def environment(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Lead boto3 to the server, as AWS_ENDPOINT_URL does for any user."""
    for name, value in (
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ):
        monkeypatch.setenv(name, value)
    return endpoint


def client(service: str, region: str = "us-east-1") -> Any:
    """Make a client, to set things up."""
    make: Any = boto3.client
    return make(service, region_name=region)


@pytest.mark.usefixtures("environment")
def test_versions_are_listed_and_pruned() -> None:
    """`versions` lists what Lambda has; a dry run deletes nothing, and --prune all but the newest and an alias's."""
    role = client("iam").create_role(RoleName="edge", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    functions = client("lambda")
    functions.create_function(
        FunctionName=FUNCTION, Role=role, Code={"ZipFile": package(0)}, Runtime="python3.13", Handler="a.b"
    )
    for number in (1, 2, 3):
        functions.update_function_code(FunctionName=FUNCTION, ZipFile=package(number), Publish=True)
    functions.create_alias(FunctionName=FUNCTION, Name="live", FunctionVersion="2")
    versions = ["versions", "--function", FUNCTION, "--prune", "--json"]

    dry = CliRunner().invoke(main, [*versions, "--dry-run"])
    wet = CliRunner().invoke(main, versions)

    assert (dry.exit_code, wet.exit_code) == (0, 0), dry.output + wet.output
    planned, done = (checked("versions", result.stdout) for result in (dry, wet))
    assert {each["number"]: each["kept"] for each in planned["versions"]} == {
        1: None, 2: "the alias live", 3: "the newest, which attach takes"
    }  # fmt: skip
    assert planned["pruned"] is None
    assert [(each["number"], each["deleted"]) for each in done["pruned"]] == [(1, True)]
    left = functions.list_versions_by_function(FunctionName=FUNCTION)["Versions"]
    assert [each["Version"] for each in left] == ["$LATEST", "2", "3"]


@pytest.mark.usefixtures("environment")
def test_logs_of_two_regions_come_in_order() -> None:
    """`logs` asks each Region, and prints the lines in order of time."""
    now_ms = int(time.time() * 1000)
    for region, age_ms, message in (("eu-west-1", 2000, "second"), ("us-east-1", 3000, "first")):
        logs = client("logs", region)
        logs.create_log_group(logGroupName=GROUP)
        logs.create_log_stream(logGroupName=GROUP, logStreamName="s")
        event = {"timestamp": now_ms - age_ms, "message": message}
        logs.put_log_events(logGroupName=GROUP, logStreamName="s", logEvents=[event])
    regions = [part for region in ("eu-west-1", "us-east-1", "ap-south-1") for part in ("--region", region)]

    result = CliRunner().invoke(main, ["logs", "--function", FUNCTION, "--json", *regions])

    assert result.exit_code == 0, result.output
    lines = [checked("logs", line) for line in result.stdout.splitlines()]
    assert [(line["region"], line["message"]) for line in lines] == [("us-east-1", "first"), ("eu-west-1", "second")]


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("encoding", "shown"), [("latin-1", "caf\xe9 ? ?"), ("cp1252", "caf\xe9 \u2026 ?"), ("ascii", "caf? ? ?")]
)
def test_an_encoding_that_lacks_a_character(encoding: str, shown: str) -> None:
    """On a terminal that is not UTF-8, a character that it lacks is replaced; the lines are not lost."""
    region = "eu-west-3"
    logs = client("logs", region)
    logs.create_log_group(logGroupName=f"{GROUP}-{encoding}")
    logs.create_log_stream(logGroupName=f"{GROUP}-{encoding}", logStreamName="s")
    event = {"timestamp": int(time.time() * 1000), "message": "caf\xe9 \u2026 \u2192"}
    logs.put_log_events(logGroupName=f"{GROUP}-{encoding}", logStreamName="s", logEvents=[event])

    command = [sys.executable, "-m", "edge_hasher", "logs", "--region", region, "--function", f"{FUNCTION}-{encoding}"]
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    done = subprocess.run(command, env=environment, capture_output=True, timeout=60, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout.decode(encoding).rstrip().endswith(f" {region} {shown}")


def start_following(name: str) -> tuple[subprocess.Popen[str], Callable[[str], None]]:
    """Follow a log group until its first line is shown; give the process, and a function that writes another line."""
    logs = client("logs", "eu-north-1")
    logs.create_log_group(logGroupName=f"{GROUP}-{name}")
    logs.create_log_stream(logGroupName=f"{GROUP}-{name}", logStreamName="s")

    def write(message: str) -> None:
        event = {"timestamp": int(time.time() * 1000), "message": message}
        logs.put_log_events(logGroupName=f"{GROUP}-{name}", logStreamName="s", logEvents=[event])

    write("first")
    command = [
        sys.executable,
        "-m",
        "edge_hasher",
        "logs",
        "--region",
        "eu-north-1",
        "--function",
        f"{FUNCTION}-{name}",
    ]
    process = subprocess.Popen([*command, "--follow"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().endswith("first\n")
    return process, write


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_following_ends_with_a_signal(number: signal.Signals) -> None:
    """Ctrl-C is how following ends: exit code 0, and no trace."""
    process, write = start_following(number.name)
    write("second")
    assert process.stdout is not None
    assert process.stdout.readline().endswith("second\n")
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Traceback" not in err


@pytest.mark.usefixtures("environment")
def test_following_ends_when_nobody_reads() -> None:
    """Behind `| head -1`, the next line ends it, without a trace."""
    process, write = start_following("head")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    write("second")
    assert process.wait(60) == 0
    assert "Traceback" not in process.stderr.read()
    process.stderr.close()


@pytest.mark.usefixtures("environment")
def test_a_function_that_does_not_exist_is_one_line() -> None:
    """What AWS refuses over HTTP ends in one line and exit code 2."""
    result = CliRunner().invoke(main, ["versions", "--function", "no-such-function"])

    assert result.exit_code == 2
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert "no-such-function" in line
