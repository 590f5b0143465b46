"""The functions that are compared, each as the runtime driver starts it."""

from __future__ import annotations

import compileall
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import function_sha256
from edge_hasher.local.own_function import HANDLER, RUNTIME_PYTHON, own_function
from edge_hasher.local.runtime import FunctionSpec

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ARTIFACT = ROOT / ".aws-sam" / "build" / "EdgeHasherFunction"
NODE_CLIENT = HERE / "node" / "client.mjs"
# AWS's own Node.js runtime client, where `make bench` could install it: it builds native code.
AWS_NODE_CLIENT = ROOT / ".venvs" / "bench-node" / "node_modules" / "aws-lambda-ric" / "bin" / "index.mjs"
TELEMETRY_HANDLER = "edge_hasher.function.telemetry.report"

_TIMEOUT_S = 20.0
# The driver starts `PYTHON -m awslambdaric HANDLER`, and asks `PYTHON -I -c …` for its version first.
_NODE_LAUNCHER = '#!/bin/sh\nif [ "$1" = -m ]; then exec "{node}" "{client}" "$3"; fi\nexec "{python}" "$@"\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Folders made for one run: the baselines' handlers with their bytecode, and our function with and without.

    `artifact` says whether ours is the SAM build; else it is the source tree, which has no packages of its own.
    """

    handlers: Path
    ours: Path
    without_bytecode: Path | None
    node: str | None
    node_client: str
    artifact: bool


def prepare(folder: Path, artifact: Path | None = ARTIFACT) -> Stage:
    """Copy the functions to `folder`. The build's wheels are for one Python only; under another the sources run."""
    handlers = folder / "handlers"
    shutil.copytree(HERE / "handlers", handlers, ignore=shutil.ignore_patterns("__pycache__"))
    compileall.compile_dir(handlers, quiet=1)
    node = _node_launcher(folder / "node") if shutil.which("node") else None
    client = "aws-lambda-ric" if AWS_NODE_CLIENT.is_file() else "a small client of ours"
    source = own_function().root
    if artifact is None or not artifact.is_dir() or sys.version_info[:2] != RUNTIME_PYTHON:
        compileall.compile_dir(source / "edge_hasher" / "function", quiet=1)
        return Stage(
            handlers=handlers, ours=source, without_bytecode=None, node=node, node_client=client, artifact=False
        )
    if function_sha256(artifact) != function_sha256(source):
        raise SystemExit("The SAM build is not of these sources: run `make build` first.")
    ours = folder / "artifact"
    shutil.copytree(artifact, ours)
    without = folder / "without-bytecode"
    shutil.copytree(artifact, without, ignore=shutil.ignore_patterns("__pycache__"))
    return Stage(handlers=handlers, ours=ours, without_bytecode=without, node=node, node_client=client, artifact=True)


def _node_launcher(path: Path) -> str:
    client = AWS_NODE_CLIENT if AWS_NODE_CLIENT.is_file() else NODE_CLIENT
    path.write_text(_NODE_LAUNCHER.format(node=shutil.which("node"), client=client, python=sys.executable))
    path.chmod(0o755)
    return str(path)


def invocation_contenders(stage: Stage) -> dict[str, FunctionSpec]:
    """Return the functions whose invocations are compared."""
    specs = {
        "identity": _handler(stage, "identity.lambda_handler"),
        "again": _handler(stage, "identity.lambda_handler"),  # the same a second time: the difference is noise
        "ours": FunctionSpec(root=stage.ours, handler=HANDLER, timeout_s=_TIMEOUT_S),
        "blank": _handler(stage, "blank.lambda_handler"),
        "stdlib": _handler(stage, "stdlib.lambda_handler"),
    }
    if stage.node is not None:
        specs["node"] = _handler(stage, "edge.handler", stage.node)
    return specs


def cold_contenders(stage: Stage) -> dict[str, FunctionSpec]:
    """Return the functions whose starts are compared; with Powertools means as at a first refusal."""
    specs = {
        "empty": _handler(stage, "empty.lambda_handler"),
        "ours": FunctionSpec(root=stage.ours, handler=HANDLER),
        "ours-powertools": FunctionSpec(root=stage.ours, handler=TELEMETRY_HANDLER),
        "stdlib": _handler(stage, "stdlib.lambda_handler"),
    }
    if stage.without_bytecode is not None:
        specs["ours-no-bytecode"] = FunctionSpec(root=stage.without_bytecode, handler=HANDLER)
        specs["ours-powertools-no-bytecode"] = FunctionSpec(root=stage.without_bytecode, handler=TELEMETRY_HANDLER)
    if stage.node is not None:
        specs["node"] = _handler(stage, "edge.handler", stage.node)
    return specs


def _handler(stage: Stage, handler: str, python: str = sys.executable) -> FunctionSpec:
    return FunctionSpec(root=stage.handlers, handler=handler, python=python, timeout_s=_TIMEOUT_S)
