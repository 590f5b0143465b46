"""examples/composed-function: a JWT check and `decide` in one function, built by SAM, under AWS's runtime client."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from edge_hasher.local.runtime import FunctionSpec
from tests.support.aws.ministack_server import MiniStack
from tests.support.edge.edge_fixtures import Running, running_edge
from tests.support.stack.sam_project import SamProject

ISSUER, AUDIENCE, KEY_ID = "https://login.example.com/", "https://chat.example.com", "test"
LARGE = bytes(range(256)) * 3900

pytest_plugins = ["tests.support.aws.ministack"]


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    """The issuer's key, made for this run."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def project(
    root: Path, sam_bin: Path, ministack: MiniStack, key: rsa.RSAPrivateKey, tmp_path_factory: pytest.TempPathFactory
) -> SamProject:
    """The example with the issuer's public key, built as its README says."""
    folder = tmp_path_factory.mktemp("composed")
    shutil.copytree(root / "examples/composed-function", folder / "project")
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    (folder / "project/jwks.json").write_text(json.dumps({"keys": [public | {"kid": KEY_ID}]}))
    wheel = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder / "dist")]
    subprocess.run(wheel, cwd=root, check=True, capture_output=True)
    (path,) = (folder / "dist").iterdir()
    wheel_path = {"EDGE_HASHER": str(path)}
    project = SamProject(
        folder=folder / "project", stack="composed-function", sam_bin=sam_bin, aws=ministack, environment=wheel_path
    )
    project.build()
    return project


@pytest.fixture(scope="module")
def edge(project: SamProject, python313: str) -> Iterator[Running]:
    """A local edge that runs the build."""
    artifact = project.folder / ".aws-sam/build/ComposedFunction"
    with running_edge(
        function=FunctionSpec(root=artifact, handler="handler.lambda_handler", python=python313)
    ) as running:
        yield running


def token(key: rsa.RSAPrivateKey, *, kid: str = KEY_ID, algorithm: str = "RS256", **claims: Any) -> dict[str, str]:
    """An Authorization header."""
    claims = {"iss": ISSUER, "aud": AUDIENCE, "exp": time.time() + 300, "sub": "someone"} | claims
    claims = {name: value for name, value in claims.items() if value is not None}
    signed_with: Any = key if algorithm == "RS256" else "x" * 32
    return {"authorization": "Bearer " + jwt.encode(claims, signed_with, algorithm=algorithm, headers={"kid": kid})}


def test_with_a_token_the_body_arrives(edge: Running, key: rsa.RSAPrivateKey) -> None:
    """The token is checked, the body hashed, and OAC's signature covers it."""
    answer = httpx.post(f"{edge.url}/chat", content=LARGE, headers=token(key), trust_env=False)
    assert answer.status_code == 200, answer.text
    assert edge.app.seen[-1].body == LARGE


def test_a_preflight_needs_no_token(edge: Running) -> None:
    """A browser sends none with OPTIONS."""
    assert httpx.options(f"{edge.url}/chat", trust_env=False).status_code == 200


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"exp": 1}, "expired"),
        ({"exp": None}, "exp"),
        ({"aud": "https://other.example.com"}, "Audience"),
        ({"iss": "https://evil.example/"}, "issuer"),
        ({"kid": "other"}, "a key that is not known here"),
        ({"algorithm": "HS256"}, "alg value is not allowed"),
    ],
)
def test_a_wrong_token_is_refused(edge: Running, key: rsa.RSAPrivateKey, claims: dict[str, Any], why: str) -> None:
    """401 with the reason; nothing reaches the app, and nothing of the token comes back."""
    before = len(edge.app.seen)
    headers = token(key, **claims)
    answer = httpx.post(f"{edge.url}/chat", content=b"hi", headers=headers, trust_env=False)

    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert why.lower() in answer.json()["detail"].lower()
    assert headers["authorization"].removeprefix("Bearer ") not in answer.text
    assert len(edge.app.seen) == before


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer x", "Basic dXNlcg==", "Bearer a.b.c"])
def test_what_is_no_token_is_refused(edge: Running, value: str) -> None:
    """No trace, no 502: 401."""
    headers = {"authorization": value} if value else {}
    assert httpx.post(f"{edge.url}/chat", content=b"hi", headers=headers, trust_env=False).status_code == 401


def test_the_zip_holds_what_runs_at_the_edge(project: SamProject) -> None:
    """Of Edge Hasher the function alone."""
    artifact = project.folder / ".aws-sam/build/ComposedFunction/edge_hasher"
    assert sorted(path.name for path in artifact.iterdir()) == ["__init__.py", "function"]
    assert not (artifact / "function/packaging").exists()


def test_it_deploys(project: SamProject) -> None:
    """`sam deploy` publishes a version, which is what CloudFront takes."""
    project.deploy()
    assert project.outputs()["VersionArn"].rpartition(":")[2].isdigit()


def test_without_the_wheel_the_build_says_what_is_missing(project: SamProject) -> None:
    """One line, from the Makefile."""
    environment = {name: value for name, value in os.environ.items() if name != "EDGE_HASHER"}
    command = ["make", "--no-print-directory", "build-ComposedFunction", f"ARTIFACTS_DIR={project.folder}/none"]
    done = subprocess.run(command, cwd=project.folder, env=environment, capture_output=True, text=True, check=False)
    assert "EDGE_HASHER must name Edge Hasher's wheel: see README.md." in done.stderr
