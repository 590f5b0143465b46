"""The command line: a module a command. Each parses, calls, prints and exits, and imports what it needs on use."""

from __future__ import annotations

import click

import edge_hasher
from edge_hasher.cli import attach, check, demo, doctor, explain, invoke, local, logs, package, probe, schema, versions
from edge_hasher.cli.exits import CommandLine

_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(cls=CommandLine, context_settings=_CONTEXT)
@click.version_option(edge_hasher.__version__, prog_name="edge-hasher")
def main() -> None:
    """Make POST, PUT, PATCH and DELETE work through CloudFront OAC to a private Lambda Function URL."""


for _command in (
    *(demo.demo, local.local, invoke.invoke),
    *(probe.probe, explain.explain, doctor.doctor, check.check),
    *(attach.attach, attach.detach, versions.versions, logs.logs, package.package, schema.schema),
):
    main.add_command(_command)
