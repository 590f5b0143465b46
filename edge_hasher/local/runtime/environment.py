"""The environment of a function's process: built from scratch like Lambda's; nothing of the user's leaks in."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from edge_hasher.local.runtime import failures

if TYPE_CHECKING:
    from pathlib import Path

    from edge_hasher.local.runtime.values import FunctionSpec

_VERSION_PROGRAM = "import sys; print('%d.%d' % sys.version_info[:2])"
_VERSION_TIMEOUT_S = 10.0


def function_environment(*, spec: FunctionSpec, root: Path, address: str, python_version: str) -> dict[str, str]:
    """Return the whole environment of a function's process.

    Names and values are Lambda's ("Defined runtime environment variables", documented), but for `ours`. There is no
    proxy, no HOME and no credential in it: a function that calls AWS gets them by `spec.env`, on purpose.
    """
    lambda_like = {
        "AWS_DEFAULT_REGION": spec.region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python{python_version}",  # the runtime client reads it
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(spec.memory_mb),
        "AWS_LAMBDA_FUNCTION_NAME": spec.function_name,
        "AWS_LAMBDA_FUNCTION_VERSION": spec.function_version,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{spec.function_name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "AWS_LAMBDA_RUNTIME_API": address,
        "AWS_REGION": spec.region,
        "LAMBDA_TASK_ROOT": str(root),
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": str(root),
        "TZ": ":UTC",
        "_HANDLER": spec.handler,
    }
    ours = {
        # Without these an AWS SDK finds the user's own credentials on disk, even without HOME.
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        # On Lambda the task root is read-only; here nothing may be written into a SAM build either.
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
    }
    return lambda_like | ours | dict(spec.env)


async def python_version(python: str) -> str:
    """Return the version of an interpreter as "3.13"; raises FunctionFailure when it does not say."""
    if python == sys.executable:
        return f"{sys.version_info.major}.{sys.version_info.minor}"
    process = await asyncio.create_subprocess_exec(
        *(python, "-I", "-c", _VERSION_PROGRAM),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(_VERSION_TIMEOUT_S):
            output, _ = await process.communicate()
    except TimeoutError:
        raise failures.no_start(f"{python} did not say its version within {_VERSION_TIMEOUT_S:g} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise failures.no_start(f"{python} did not say its version: exit status {process.returncode}")
    return output.decode().strip()
