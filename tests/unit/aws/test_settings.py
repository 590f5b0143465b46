"""Settings of a machine that cannot work: credentials, profiles and addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge_hasher.aws.door import Aws
from edge_hasher.aws.errors import CredentialsError, OperateError
from tests.support.aws.once_clients import OnceClients, account

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "s3cr3t-between-edge-and-origin"  # noqa: S105 (no secret: it is looked for in what is said)


@pytest.mark.parametrize(
    "values",
    [
        {"AWS_SESSION_TOKEN": f"abc\n{SECRET}"},
        {"AWS_ACCESS_KEY_ID": f"AKIA\r\n{SECRET}"},
        {"AWS_SECRET_ACCESS_KEY": f"“{SECRET}”"},
        {"AWS_PROFILE": "missing-process"},
        {"AWS_PROFILE": "chatty-process"},
        {"AWS_PROFILE": "failing-process"},
        {"AWS_PROFILE": "no-source"},
        *({"AWS_ENDPOINT_URL": url} for url in (SECRET, f"http://{SECRET}:99999", "http://[::1", "ftp://127.0.0.1/")),
    ],
    ids=str,
)
def test_settings_that_cannot_work_are_one_line(values: dict[str, str], tmp_path: Path) -> None:
    """A token with a line break, a process that is missing or fails, and a bad endpoint: told, and never quoted."""
    (tmp_path / "config").write_text(
        "[profile missing-process]\ncredential_process = /nowhere/tool --token s3cr3t-between-edge-and-origin\n"
        "[profile chatty-process]\ncredential_process = echo s3cr3t-between-edge-and-origin\n"
        '[profile failing-process]\ncredential_process = sh -c "echo s3cr3t-between-edge-and-origin >&2; exit 3"\n'
        "[profile no-source]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = nowhere\n"
    )
    without_keys = {} if "AWS_PROFILE" not in values else {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    with (
        account(**({"AWS_CONFIG_FILE": str(tmp_path / "config")} | without_keys | values)),
        pytest.raises(CredentialsError) as raised,
    ):
        Aws().cloudfront.distribution("E1")
    (line,) = raised.value.lines
    assert line.isprintable()
    assert SECRET not in line


def test_a_password_in_an_address_is_not_printed() -> None:
    """An endpoint may hold a name and a password; the rest of the address is told."""
    with (
        account(AWS_ENDPOINT_URL=f"http://user:{SECRET}@127.0.0.1:1"),
        pytest.raises(OperateError, match=r"127\.0\.0\.1:1") as raised,
    ):
        Aws(clients=OnceClients()).cloudfront.distribution("E1")
    assert SECRET not in str(raised.value)
