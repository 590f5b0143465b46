"""Who imports whom, and what a cold start loads."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "edge_hasher"

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


def imported_by(path: Path) -> set[str]:
    """The modules that a file imports anywhere, as absolute names; `if TYPE_CHECKING:` blocks do not count."""
    tree = ast.parse(path.read_text())
    package = ("edge_hasher", *path.relative_to(PACKAGE).parent.parts)
    names = set()
    for node in ast.walk(_without_type_checking(tree)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            names |= {f"{module}.{alias.name}" for alias in node.names} | {module}
    return names


def _without_type_checking(tree: ast.Module) -> ast.Module:
    tree.body = [
        node
        for node in tree.body
        if not (isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING")
    ]
    return tree


FORBIDDEN = {
    "function": ("edge_hasher.local", "edge_hasher.operate", "edge_hasher.cli", "typing", "dataclasses", "botocore"),
    "local": ("edge_hasher.operate", "edge_hasher.cli", "boto3"),
    "operate": ("edge_hasher.local", "edge_hasher.cli"),
}
FILES = [path for folder in FORBIDDEN for path in sorted((PACKAGE / folder).rglob("*.py")) if path.name != "_types.py"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_who_may_import_whom(path: Path) -> None:
    """The function imports only itself; local and operate may import function, and neither imports the other."""
    forbidden = FORBIDDEN[path.relative_to(PACKAGE).parts[0]]
    roots = tuple(f"{root}." for root in forbidden)
    assert not {name for name in imported_by(path) if f"{name}.".startswith(roots)}


def test_only_one_door_to_boto3() -> None:
    """Only operate/aws.py imports boto3."""
    doors = {str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py") if "boto3" in imported_by(path)}
    assert doors <= {"operate/aws.py"}


def test_types_are_never_imported_at_run_time() -> None:
    """_types.py, which imports typing, is for type checkers alone."""
    importers = {path.name for path in FILES if "edge_hasher.function._types" in imported_by(path)}
    assert not importers
