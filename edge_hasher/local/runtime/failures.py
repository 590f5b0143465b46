"""The ways in which a function fails, put into one form. Names and texts are those that Lambda gives (seen)."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

from edge_hasher.local.aws_limits import LAMBDA_RESPONSE_LIMIT_BYTES
from edge_hasher.local.runtime.values import FunctionFailure

if TYPE_CHECKING:
    from edge_hasher.local.runtime.values import FailureKind

_SHOWN_BYTES = 1000  # of an error document that is none


def reported(kind: FailureKind, body: bytes, log: tuple[str, ...]) -> FunctionFailure:
    """Read an error document of the runtime client; whatever is wrong in it is shown, not raised."""
    try:
        document: Any = json.loads(body)
    except ValueError:
        document = {"errorMessage": body[:_SHOWN_BYTES].decode(errors="replace")}
    if not isinstance(document, dict):
        document = {"errorMessage": str(document)[:_SHOWN_BYTES]}
    trace = document.get("stackTrace")
    return FunctionFailure(
        kind=kind,
        error_type=str(document.get("errorType") or "Runtime.Unknown"),
        message=str(document.get("errorMessage") or ""),
        stack_trace=tuple(str(entry) for entry in trace) if isinstance(trace, list) else (),
        log=log,
    )


def timed_out(kind: FailureKind, timeout_s: float, log: tuple[str, ...]) -> FunctionFailure:
    """Say that a process was ended because an invocation, or its start, took longer than `timeout_s`."""
    late = f"Task timed out after {timeout_s:.2f} seconds"
    message = late if kind == "timed out" else f"did not ask for its first event within {timeout_s:g} s"
    return FunctionFailure(kind=kind, error_type="Sandbox.Timedout", message=message, log=log)


def too_large(log: tuple[str, ...]) -> FunctionFailure:
    """Say that a response, or an error document, was larger than Lambda takes."""
    return FunctionFailure(
        kind="threw",
        error_type="Function.ResponseSizeTooLarge",
        message=f"Response payload size exceeded maximum allowed payload size ({LAMBDA_RESPONSE_LIMIT_BYTES} bytes).",
        log=log,
    )


def ended(kind: FailureKind, status: int, log: tuple[str, ...]) -> FunctionFailure:
    """Say how a process exited; a negative `status` is the number of a signal."""
    names = {number.value: f"{number.name} ({number.value})" for number in signal.Signals}  # real-time ones have none
    how = f"exit status {status}" if status >= 0 else f"signal {names.get(-status, str(-status))}"
    return FunctionFailure(
        kind=kind,
        error_type="Runtime.ExitError",
        message=f"the function's process ended with {how}",
        log=log,
        exit_status=status,
    )


def no_start(message: str) -> FunctionFailure:
    """Say why a process could not even be made."""
    return FunctionFailure(kind="could not start", error_type="Runtime.InvalidEntrypoint", message=message)


def stopped() -> FunctionFailure:
    """Say that we ended the process ourselves; a pool that closes says so in its own words instead."""
    return FunctionFailure(kind="crashed", error_type="Runtime.Stopped", message="the process was stopped")
