"""Run a function as Lambda runs it: processes under AWS's own runtime client, driven through a small Runtime API.

async with FunctionPool(FunctionSpec(root=path, handler="pkg.module.function"), size=2) as pool:
invocation = await pool.invoke({"hello": "edge"})
"""

from edge_hasher.local.runtime.pool import FunctionPool
from edge_hasher.local.runtime.values import (
    EVENT_LIMIT_BYTES,
    RESPONSE_LIMIT_BYTES,
    FailureKind,
    FunctionFailure,
    FunctionSpec,
    Invocation,
    PoolClosedError,
    ProcessUsage,
)

__all__ = [
    "EVENT_LIMIT_BYTES",
    "RESPONSE_LIMIT_BYTES",
    "FailureKind",
    "FunctionFailure",
    "FunctionPool",
    "FunctionSpec",
    "Invocation",
    "PoolClosedError",
    "ProcessUsage",
]
