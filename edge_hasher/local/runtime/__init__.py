"""Run a function as Lambda runs it: processes under AWS's own runtime client, driven through a small Runtime API."""

from edge_hasher.local.runtime.pool import FunctionPool
from edge_hasher.local.runtime.reloading import ReloadingPool
from edge_hasher.local.runtime.values import (
    FailureKind,
    FunctionFailure,
    FunctionSpec,
    Invocation,
    PoolClosedError,
    ProcessUsage,
)

__all__ = [
    "FailureKind",
    "FunctionFailure",
    "FunctionPool",
    "FunctionSpec",
    "Invocation",
    "PoolClosedError",
    "ProcessUsage",
    "ReloadingPool",
]
