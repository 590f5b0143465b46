"""The command `edge-hasher schema`."""

from __future__ import annotations

import click

from edge_hasher.cli.exits import echo

# Each file has the name of the command; detach prints what attach prints.
FILES = {
    name: "attach" if name == "detach" else name
    for name in (
        *("attach", "check", "detach", "doctor", "explain", "invoke"),
        *("local", "logs", "package", "probe", "versions"),
    )
}


@click.command()
@click.argument("command", type=click.Choice(list(FILES)))
def schema(command: str) -> None:
    """Print the JSON Schema of a command's output.

    It describes what --json prints, or --format json; for logs, and for local with --log-format json, one line of it.
    """
    from importlib import resources

    from edge_hasher import schemas

    echo(resources.files(schemas).joinpath(f"{FILES[command]}.json").read_text("utf-8"), newline=False)
