"""docs/large-uploads.md: its shell lines send a file, and its numbers are the app's and the template's."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from app.large_uploads import EXPIRES_S, LARGE_FILE_LIMIT

from tests.support.edge.live_server import serve
from tests.support.edge.upload_site import Site


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    """Read the page."""
    return (root / "docs/large-uploads.md").read_text()


def test_the_shell_lines_send_a_file(page: str, tmp_path: Path) -> None:
    """Ask for a URL, and put the file there: 7 MiB arrive, with the type that was signed."""
    (block,) = [found for found in re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL) if "curl" in found]
    site = Site()
    with serve(site) as address:
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "site": address}
        command = ["bash", "-euo", "pipefail", "-c", block]
        subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True, timeout=60)
    ((method, query, headers, _),) = site.received
    assert method == "PUT"
    assert b"X-Amz-Signature=" in query
    assert (headers[b"content-length"], headers[b"content-type"]) == (b"7340032", b"application/octet-stream")


def test_the_numbers_are_those_of_code_and_template(page: str, root: Path) -> None:
    """Ten minutes, 1 GiB, one day."""
    template = (root / "examples/streaming-agent/template.yaml").read_text()
    assert (EXPIRES_S, LARGE_FILE_LIMIT) == (600, 1024**3)
    assert f's3:signatureAge: "{EXPIRES_S * 1000}"' in template
    assert "begun within ten minutes" in page
    assert "at most 1 GiB" in page
    assert "{Id: one-day, Status: Enabled, ExpirationInDays: 1," in template
    assert "expire after a day" in page
