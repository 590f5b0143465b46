"""MiniStack as a process: started on a free port of 127.0.0.1, ended by its id. ministack.py has the fixtures."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

ACCOUNT_ID = "123456789012"
EDGE_REGION = "us-east-1"
PYTHON = Path(__file__).parents[3] / ".venvs" / "ministack" / "bin" / "python"
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 10.0
PORT_ATTEMPTS = 3

# AWS's own documentation uses these; MiniStack takes any.
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
}
NO_RETRIES = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class MiniStack:
    """A running stand-in: its address, and the environment in which AWS tools use it and nothing else."""

    endpoint: str
    env: dict[str, str]

    def client(self, service: str, region: str = EDGE_REGION) -> Any:
        """Return a boto3 client of one service, which neither retries nor reads files of the user's."""
        return _client(self.endpoint, service, region)

    def reset(self) -> None:
        """Make it forget everything, in all Regions."""
        request = urllib.request.Request(f"{self.endpoint}/_ministack/reset", method="POST")  # noqa: S310 (loopback)
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 (the same)
            assert answer.status == 200


@cache
def _client(endpoint: str, service: str, region: str) -> Any:
    """Make a client, once: each takes a tenth of a second."""
    session = boto3.Session(
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )
    # mypy sees one overload a service; which one it is, only the caller knows.
    make: Any = session.client
    return make(service, region_name=region, endpoint_url=endpoint, config=NO_RETRIES)


@contextmanager
def running(folder: Path) -> Iterator[MiniStack]:
    """Run a server that writes to `folder` only; ends it, and what it started, at the end."""
    for _ in range(PORT_ATTEMPTS):
        with _running_at(_free_port(), folder) as server:
            if server is not None:
                yield server
                return
    raise RuntimeError(f"MiniStack did not start:\n{(folder / 'log').read_text()[-4000:]}")


def _environment(endpoint: str) -> dict[str, str]:
    """Give what an AWS tool needs to use MiniStack, and nothing that leads elsewhere."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MAKE"))}
    return (
        inherited
        | CREDENTIALS
        | {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_REGION": EDGE_REGION,
            "AWS_DEFAULT_REGION": EDGE_REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "SAM_CLI_TELEMETRY": "0",
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
        }
    )


@contextmanager
def _running_at(port: int, folder: Path) -> Iterator[MiniStack | None]:
    """Run a server on `port`; yields None where it ended at once, which it does on a port that is taken."""
    endpoint = f"http://127.0.0.1:{port}"
    environment = _environment(endpoint) | {
        "BIND_HOST": "127.0.0.1",  # its own default is every interface
        "GATEWAY_PORT": str(port),
        "MINISTACK_ACCOUNT_ID": ACCOUNT_ID,
        "MINISTACK_REGION": EDGE_REGION,
        # Listeners of their own, which nothing here needs.
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "LAMBDA_EXECUTOR": "local",
        "PERSIST_STATE": "0",
        "TMPDIR": str(folder),
        "STATE_DIR": str(folder / "state"),
        "S3_DATA_DIR": str(folder / "s3"),
        "LOG_LEVEL": "INFO",
    }
    with (folder / "log").open("ab") as log:
        # A session of its own, so that the functions that it runs end with it.
        process = subprocess.Popen(
            [PYTHON, "-m", "ministack"], env=environment, cwd=folder, stdout=log, stderr=log, start_new_session=True
        )
    try:
        ready = _is_ready(endpoint, process)
        yield MiniStack(endpoint=endpoint, env=_environment(endpoint)) if ready else None
    finally:
        _stop(process)


def _is_ready(endpoint: str, process: subprocess.Popen[bytes]) -> bool:
    """Wait until the server answers; False where it ended or the time is up."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while process.poll() is None and time.monotonic() < deadline:
        ready = f"{endpoint}/_ministack/ready"
        with suppress(OSError), urllib.request.urlopen(ready, timeout=2) as answer:  # noqa: S310 (loopback)
            if answer.status == 200:
                return True
        time.sleep(0.05)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the server, and then whatever is left of its session."""
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
