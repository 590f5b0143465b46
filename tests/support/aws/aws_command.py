"""A stand-in for the AWS CLI, for the commands that doctor prints: the same words, turned into boto3 calls.

The commands run in a real bash with a real jq; `aws` and `edge-hasher` on their PATH are a few lines each that hand
their words to this process over a socket: starting Python with boto3 for each would take a second. Options are looked
up in botocore's own model of the service, so a misspelt option or a wrong type fails.
"""

import json
import os
import re
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from tempfile import TemporaryDirectory
from typing import Any

import jmespath  # type: ignore[import-untyped]  # comes with botocore, without annotations
from botocore import xform_name
from botocore.model import Shape, StructureShape

from tests.support.aws.ministack_server import EDGE_REGION, MiniStack

Json = Any
Program = Callable[[list[str]], str]

_PROGRAM = """
import json, socket, sys
with socket.socket(socket.AF_UNIX) as link:
    link.connect({address!r})
    link.sendall(json.dumps([{name!r}, *sys.argv[1:]]).encode() + b"\\n")
    answer = json.loads(link.makefile().read())
sys.stdout.write(answer["output"])
sys.exit(answer["error"])
"""


def aws_command(aws: MiniStack, words: list[str]) -> str:
    """Run `aws` with these words; gives what it prints, and raises what boto3 raises."""
    service, operation, *rest = words
    waits = operation == "wait"
    if waits:
        operation, *rest = rest
    options = dict(_options(rest))
    region = options.pop("region", None) or EDGE_REGION
    query, output = options.pop("query", None), options.pop("output", "json")
    client = aws.client(service, region)
    if waits:
        waiter = client.get_waiter(operation.replace("-", "_"))
        waiter.config.delay = 0.05
        waiter.wait(**{_member(waiter_input(client, waiter), name): value for name, value in options.items()})
        return ""
    shape = client.meta.service_model.operation_model(_pascal(client, operation)).input_shape
    arguments = {}
    for name, value in options.items():
        member = _member(shape, name)
        if isinstance(value, str) and value.startswith("file://"):
            value = Path(value.removeprefix("file://")).read_text()  # noqa: PLW2901 (as the AWS CLI does)
        if isinstance(value, str) and value.startswith("fileb://"):
            value = Path(value.removeprefix("fileb://")).read_bytes()  # noqa: PLW2901 (the same)
        arguments[member] = _typed(shape.members[member], value)
    answer = getattr(client, operation.replace("-", "_"))(**arguments)
    answer.pop("ResponseMetadata", None)
    if query:
        answer = jmespath.search(query, answer)
    return f"{answer}\n" if output == "text" else f"{json.dumps(answer, default=str)}\n"


def waiter_input(client: Json, waiter: Json) -> StructureShape:
    """Give the shape of a waiter's options."""
    shape = client.meta.service_model.operation_model(waiter.config.operation).input_shape
    assert isinstance(shape, StructureShape)
    return shape


@contextmanager
def shell(programs: dict[str, Program]) -> Iterator[Callable[[str], str]]:
    """Give a function that runs a command in bash, with `programs` on its PATH and jq; fails with what it said."""
    with TemporaryDirectory() as folder:  # not a test's own folder: the path of a socket must be short
        yield from _shell(programs, Path(folder))


def _shell(programs: dict[str, Program], folder: Path) -> Iterator[Callable[[str], str]]:
    address = str(folder / "s")

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            name, *words = json.loads(self.rfile.readline())
            try:
                answer = {"output": programs[name](words), "error": None}
            except Exception as error:  # noqa: BLE001 (whatever it is, the command fails with it)
                answer = {"output": "", "error": f"{name}: {error!r}"}
            self.wfile.write(json.dumps(answer).encode())

    for name in programs:
        script = folder / name
        program = _PROGRAM.format(address=address, name=name)
        # Not Python itself in the first line: its path may hold a space.
        script.write_text(f'#!/bin/sh\nexec {quote(sys.executable)} -ISs -c {quote(program)} "$@"\n')
        script.chmod(0o755)

    def run(command: str) -> str:
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {command}"],
            env={"PATH": f"{folder}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    with socketserver.ThreadingUnixStreamServer(address, Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield run
        finally:
            server.shutdown()
            thread.join()


def _options(words: list[str]) -> Iterator[tuple[str, Json]]:
    while words:
        option = words.pop(0)
        assert option.startswith("--"), option
        is_flag = not words or words[0].startswith("--")
        yield option.removeprefix("--"), True if is_flag else words.pop(0)


def _pascal(client: Json, operation: str) -> str:
    return str(client.meta.method_to_api_mapping[operation.replace("-", "_")])


def _member(shape: StructureShape, option: str) -> str:
    (member,) = [name for name in shape.members if xform_name(name, "-") == option]
    return member


def _typed(shape: Shape, value: Json) -> Json:
    if shape.type_name in {"structure", "list", "map"} and isinstance(value, str):
        return json.loads(value) if value[0] in "[{" else _shorthand(shape, value)
    return int(value) if shape.type_name in {"integer", "long"} else value


def _shorthand(shape: Shape, text: str) -> Json:
    """Read Name=value,Other=value, as the AWS CLI does; [] and {} are the only nested values."""
    assert isinstance(shape, StructureShape), text
    pairs = [pair.split("=", 1) for pair in re.split(r",(?=[A-Za-z]+=)", text)]
    return {name: _typed(shape.members[name], value) for name, value in pairs}
