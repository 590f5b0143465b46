"""Who imports whom, and what a cold start loads."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINT_IMPORTS = str(Path(sys.executable).parent / "lint-imports")

# What importing the handler may load beyond what AWS's runtime client has loaded already: all of it costs a cold start.
ALLOWED = {
    "hashlib",  # SHA-256 by OpenSSL, twice as fast as the built-in one
    "_hashlib",
    "_blake2",  # hashlib's own import
    "_sha2",
    "binascii",
    "pybase64",
    "pybase64._license",
    "pybase64._pybase64",
    "pybase64._version",
    "edge_hasher",
    "edge_hasher.function",
    "edge_hasher.function.content_hash",
    "edge_hasher.function.decision",
    "edge_hasher.function.handler",
    "edge_hasher.function.header_rules",
    "edge_hasher.function.refusals",
    "edge_hasher.function.runtime_marshaller",
    "edge_hasher.function.settings",
}
PROGRAM = """
import sys
import awslambdaric.bootstrap
before = set(sys.modules)
import edge_hasher.function.handler
import json
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def test_cold_start_loads_only_the_allow_list() -> None:
    """In a clean interpreter, the handler loads nothing that is not on the list above."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert set(json.loads(done.stdout)) <= ALLOWED


def test_the_import_contracts_hold() -> None:
    """Who may import whom is written in pyproject.toml, and holds for type-only imports too."""
    done = subprocess.run([LINT_IMPORTS, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_an_import_that_breaks_a_contract_is_found(tmp_path: Path) -> None:
    """The contracts can fail: one import of doctor in probe breaks them."""
    shutil.copytree(ROOT / "edge_hasher", tmp_path / "edge_hasher", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / "edge_hasher/probe/run.py").open("a") as file:
        file.write("import edge_hasher.doctor.facts\n")
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    command = [LINT_IMPORTS, "--no-cache"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "edge_hasher.probe.run -> edge_hasher.doctor.facts" in done.stdout


def test_types_are_never_imported_at_run_time() -> None:
    """_types.py, which imports typing, is for type checkers alone."""
    program = "import sys, edge_hasher.cli, edge_hasher.function.handler, edge_hasher.function.telemetry; "
    program += "print('edge_hasher.function._types' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
