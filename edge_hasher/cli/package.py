"""The command `edge-hasher package`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from edge_hasher import schemas
from edge_hasher.cli.exits import echo, give_up
from edge_hasher.cli.options import JSON


@click.command()
@click.argument("out", metavar="OUT.zip", type=click.Path(path_type=Path))
@JSON
def package(out: Path, *, as_json: bool) -> None:
    """Write the function as a zip, for Terraform, CDK, Pulumi or CI.

    It is what SAM would upload, without SAM. An older file of that name is replaced.

    Exit code 0: written, 2: could not write.
    """
    from edge_hasher.function.packaging.artifact import BuildError
    from edge_hasher.function.packaging.lambda_zip import write_zip

    try:
        written = write_zip(out)
    except (BuildError, OSError) as error:
        give_up(*str(error).splitlines())
    if as_json:
        echo(schemas.document("package", asdict(written)))
        return
    for name, value in asdict(written).items():
        echo(f"{name:<12}  {value}")
    if not written.bytecode:
        echo("edge-hasher: no Python 3.13 here, so no bytecode: cold starts at the edge take longer", err=True)
