"""The command `edge-hasher check`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from edge_hasher.cli.exits import echo


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH…", type=click.Path(path_type=Path))
@click.option(
    "--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="A template's parameter; may be repeated."
)
@click.option("--path", "viewer_path", metavar="/PATH", help="Check the behaviors that serve this path.")
@click.option("--skip", multiple=True, metavar="CODE", help="A check to leave out, such as EH106; may be repeated.")
@click.option("--strict", is_flag=True, help="Exit code 2 if anything is not known before the deployment.")
def check(
    paths: tuple[Path, ...],
    parameters: tuple[str, ...],
    viewer_path: str | None,
    skip: tuple[str, ...],
    *,
    strict: bool,
) -> None:
    """Find what would give a POST 403, in infrastructure code, before it is deployed.

    Reads CloudFormation and SAM templates, CDK assemblies (cdk.out), Terraform and OpenTofu plans and sources, and
    Pulumi previews, or finds them in a folder. It needs no credentials and no network. What only the deployment knows
    is counted, not judged.

    Exit code 0: nothing broken or risky, 1: findings, 2: something could not be read.
    """
    from edge_hasher.cli.exits import give_up
    from edge_hasher.doctor.templates.reports import text
    from edge_hasher.doctor.templates.run import Question, run

    question = Question(
        paths=paths, parameters=_pairs(parameters), viewer_path=viewer_path, skip=frozenset(skip), strict=strict
    )
    outcome = run(question)
    for file, why in outcome.problems:
        echo(f"edge-hasher: {file}: {why}", err=True)
    if not outcome.judged:
        give_up("nothing was read")
    echo(text.as_text(outcome))
    sys.exit(outcome.exit_code)


def _pairs(parameters: tuple[str, ...]) -> dict[str, str]:
    pairs = dict(each.split("=", 1) for each in parameters if "=" in each)
    if len(pairs) < len(parameters):
        raise click.BadParameter("write NAME=VALUE", param_hint="--parameter")
    return pairs
