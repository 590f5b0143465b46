"""Import time by module, as Python itself reports it, beyond what the runtime client has already imported."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.progress import Progress
    from benchmarks.scale import Scale
    from benchmarks.subjects.contenders import Stage

_RUNTIME = "import awslambdaric.__main__, awslambdaric.bootstrap"
_HANDLER = f"{_RUNTIME}; import edge_hasher.function.handler"
_TELEMETRY = f"{_HANDLER}; import edge_hasher.function.telemetry"
_TIMEOUT_S = 60


def measure(scale: Scale, stage: Stage, progress: Progress) -> dict[str, Any]:
    """Return the own seconds of each module that the handler imports, and that its first refusal adds."""
    runs: dict[str, dict[str, list[float]]] = {"handler": defaultdict(list), "telemetry": defaultdict(list)}
    for turn in range(scale.import_runs):
        progress.step(f"run {turn + 1} of {scale.import_runs}")
        times = [_import_times(program, stage.ours) for program in (_RUNTIME, _HANDLER, _TELEMETRY)]
        for name, before, after in (("handler", times[0], times[1]), ("telemetry", times[1], times[2])):
            for module in after.keys() - before.keys():
                runs[name][module].append(after[module])
    assert "edge_hasher.function.content_hash" in runs["handler"]
    assert not any("aws_lambda_powertools" in module for module in runs["handler"])
    return {"artifact": stage.artifact} | {
        name: {module: statistics.median(times) for module, times in sorted(modules.items())}
        for name, modules in runs.items()
    }


def _import_times(program: str, root: Path) -> dict[str, float]:
    """Return the seconds that each module took for itself, without those that it imports."""
    environment = {
        "PATH": os.defpath,
        "PYTHONPATH": str(root),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python{sys.version_info.major}.{sys.version_info.minor}",
    }
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", program],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=_TIMEOUT_S,
    )
    times = {}
    for line in run.stderr.splitlines():
        own_us, _, module = line.removeprefix("import time:").split("|")
        if own_us.strip().isdigit():
            times[module.strip()] = int(own_us) / 1e6
    return times
