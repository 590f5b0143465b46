"""`edge-hasher package`: the zip that SAM would upload, without SAM."""

import base64
import hashlib
import json
import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.schemas import checked

# SAM's own way from a build to the file it uploads (samcli/lib/package/utils.py).
SAM_ZIP = """
import sys
from samcli.lib.package.utils import make_zip_with_lambda_permissions
make_zip_with_lambda_permissions(sys.argv[1], sys.argv[2])
"""

PROGRAM = """
import json, sys
from edge_hasher.function.handler import lambda_handler
print(json.dumps(lambda_handler(json.load(sys.stdin), None)))
"""


def package(*arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    command = [sys.executable, "-m", "edge_hasher", "package", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | more, timeout=300)


def entries(path: Path) -> dict[str, bytes]:
    """Each entry's local header and compressed data, as they stand in the file."""
    content = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        infos = sorted(archive.infolist(), key=lambda info: info.header_offset)
        ends = [info.header_offset for info in infos[1:]] + [archive.start_dir]
        return {info.filename: content[info.header_offset : end] for info, end in zip(infos, ends, strict=True)}


def about(path: Path) -> dict[str, tuple[int, int, int]]:
    """What the central directory says of each entry: mode, system, flags."""
    with zipfile.ZipFile(path) as archive:
        return {info.filename: (info.external_attr, info.create_system, info.flag_bits) for info in archive.infolist()}


@pytest.fixture(scope="module")
def zipped(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    """The zip of this checkout, and what the command printed."""
    out = tmp_path_factory.mktemp("zip") / "edge-hasher.zip"
    done = package(out, "--json", UV_NO_CONFIG="1")
    assert done.returncode == 0, done.stderr
    return out, checked("package", done.stdout)


def test_each_entry_is_the_one_that_sam_uploads(
    zipped: tuple[Path, dict[str, object]], artifact: Path, sam_bin: Path, tmp_path: Path
) -> None:
    """Header, mode and compressed bytes; only their order is ours (sorted), where SAM's is the disk's."""
    subprocess.run([str(sam_bin / "python"), "-c", SAM_ZIP, str(tmp_path / "sam"), str(artifact)], check=True)

    assert entries(zipped[0]) == entries(tmp_path / "sam.zip")
    assert about(zipped[0]) == about(tmp_path / "sam.zip")
    assert zipped[0].stat().st_size == (tmp_path / "sam.zip").stat().st_size


def test_the_zip_is_the_same_each_time(zipped: tuple[Path, dict[str, object]], tmp_path: Path) -> None:
    """Built again elsewhere, at another time and under another mask, it has the same digest."""
    before = os.umask(0o077)
    try:
        done = package(tmp_path / "again.zip", TZ="Asia/Tokyo", PYTHONHASHSEED="7")
    finally:
        os.umask(before)

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "again.zip").read_bytes() == zipped[0].read_bytes()
    with zipfile.ZipFile(zipped[0]) as archive:
        assert archive.namelist() == sorted(archive.namelist())


def test_it_says_what_it_wrote(zipped: tuple[Path, dict[str, object]]) -> None:
    """The digest in hex, and in base64 as Lambda and Terraform spell it."""
    path, said = zipped
    digest = hashlib.sha256(path.read_bytes())

    assert said["path"] == str(path)
    assert said["bytes"] == path.stat().st_size
    assert said["sha256"] == digest.hexdigest()
    assert said["code_sha256"] == base64.b64encode(digest.digest()).decode()


def test_the_zip_runs(zipped: tuple[Path, dict[str, object]], python313: str, root: Path, tmp_path: Path) -> None:
    """Unpacked, it answers an event by itself."""
    with zipfile.ZipFile(zipped[0]) as archive:
        archive.extractall(tmp_path)
    event = (root / "tests/events/11-post-json.json").read_text()
    done = subprocess.run(
        [python313, "-c", PROGRAM], input=event, cwd=tmp_path, capture_output=True, text=True, check=True
    )

    payload = base64.b64decode(json.loads(event)["Records"][0]["cf"]["request"]["body"]["data"])
    (header,) = json.loads(done.stdout)["headers"]["x-amz-content-sha256"]
    assert header["value"] == hashlib.sha256(payload).hexdigest()


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    """One line, and nothing is made."""
    done = package(tmp_path / "missing" / "out.zip")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"edge-hasher: the folder {tmp_path / 'missing'} does not exist\n"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_instead_of_a_file(tmp_path: Path) -> None:
    """The line names a file that would do."""
    done = package(tmp_path)

    assert done.returncode == 2
    assert done.stderr == (
        f"edge-hasher: {tmp_path} is a folder; name the file to write, such as {tmp_path / 'edge-hasher.zip'}\n"
    )


def test_a_failed_build_leaves_the_old_file(tmp_path: Path) -> None:
    """Where pip finds nothing, its own words are shown, and the older zip stays as it was."""
    out = tmp_path / "out.zip"
    out.write_bytes(b"older")
    done = package(
        out, PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_NO_CACHE_DIR="1", PIP_RETRIES="0", PIP_FIND_LINKS=""
    )

    assert done.returncode == 2
    assert done.stderr.startswith("edge-hasher: pip could not install requirements.txt:\n")
    assert out.read_bytes() == b"older"
    assert stat.S_ISREG(out.stat().st_mode)
    assert list(tmp_path.iterdir()) == [out]
