"""Edge Hasher's own function, as the driver runs it: from the source tree, or from a SAM build."""

from __future__ import annotations

import sys
from pathlib import Path

import edge_hasher
from edge_hasher.local.config import ConfigError, handler_name
from edge_hasher.local.runtime import FunctionSpec

HANDLER = "edge_hasher.function.handler.lambda_handler"
TIMEOUT_S = 5.0  # template.yaml
MEMORY_MB = 1024  # template.yaml
RUNTIME_PYTHON = (3, 13)  # template.yaml; the build's wheels are for this one

_LOGGING = {"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "INFO"}  # template.yaml, LoggingConfig
_DECIDING = ("content_hash.py", "decision.py", "header_rules.py", "refusals.py", "settings.py")
_HANDLER_FILE = Path("edge_hasher", "function", "handler.py")


class ArtifactError(ValueError):
    """The folder does not hold a build of the function; the message says what to do."""


def own_function(artifact: Path | None = None) -> FunctionSpec:
    """Return what to run: the build in the folder `artifact`, or the code of this installation.

    Raises ArtifactError when the folder holds no build.
    """
    root = Path(edge_hasher.__file__).parent.parent if artifact is None else artifact
    if artifact is not None and not (artifact / _HANDLER_FILE).is_file():
        raise ArtifactError(
            f"{artifact} holds no build of Edge Hasher ({_HANDLER_FILE} is not there); `sam build` in a checkout makes "
            "one, in .aws-sam/build/EdgeHasherFunction"
        )
    return FunctionSpec(root=root, handler=HANDLER, timeout_s=TIMEOUT_S, memory_mb=MEMORY_MB, env=_LOGGING)


def is_this_code(artifact: Path | None) -> bool:
    """Whether what runs decides as this installation does: the same files, but for those that only log."""
    here = Path(edge_hasher.__file__).parent / "function"
    there = here if artifact is None else artifact / "edge_hasher" / "function"
    return all(
        (there / name).is_file() and (there / name).read_bytes() == (here / name).read_bytes() for name in _DECIDING
    )


def function_for(
    *, artifact: Path | None, handler: str | None, no_function: bool, python: str = sys.executable
) -> FunctionSpec | None:
    """Return the function that the options name; at most one of them is given. Raises ArtifactError, ConfigError."""
    if sum((artifact is not None, handler is not None, no_function)) > 1:
        raise ConfigError("pass at most one of --artifact, --handler and --no-function")
    if no_function:
        return None
    if handler is None:
        return own_function(artifact)
    return FunctionSpec(root=Path.cwd(), handler=handler_name(handler, "--handler"), python=python)


def python_note(artifact: Path | None) -> str | None:
    """Return a warning where a build runs under another Python than the one that its wheels are for."""
    here = sys.version_info[:2]
    if artifact is None or here == RUNTIME_PYTHON:
        return None
    return (
        f"the build is for Python {RUNTIME_PYTHON[0]}.{RUNTIME_PYTHON[1]} and runs here under {here[0]}.{here[1]}: "
        "pybase64 falls back to plain Python. The answers are right, the timings are not."
    )
