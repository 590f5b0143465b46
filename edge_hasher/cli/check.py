"""The command `edge-hasher check`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge_hasher.cli import options
from edge_hasher.cli.exits import echo, give_up
from edge_hasher.terminal import printable

if TYPE_CHECKING:
    from edge_hasher.doctor.templates.run import CheckRun

FORMATS = ("text", "json", "sarif", "junit", "github")


@click.command(short_help="Find what would give a POST 403, before you deploy it.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…", type=click.Path(path_type=Path))
@click.option(
    "--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="A template's parameter; may be repeated."
)
@click.option("--path", "viewer_path", metavar="/PATH", help="Check the behaviors that serve this path.")
@click.option(
    "--clients-hash", is_flag=True, help="Every client sends x-amz-content-sha256 itself: ask for no function."
)
@options.SKIP
@click.option(
    "--baseline",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Leave out the findings in this file, which an earlier --json printed.",
)
@click.option("--pass-over", is_flag=True, help="Pass over named files that do not look like templates, as hooks need.")
@click.option("--fix", is_flag=True, help="Write the fixes for which there is one way into the files.")
@click.option("--strict", is_flag=True, help="Exit code 2 if anything is not known before the deployment.")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="What the report is for; --json is short for json.",
)
@options.JSON
def check(
    paths: tuple[Path, ...],
    parameters: tuple[str, ...],
    viewer_path: str | None,
    skip: frozenset[str],
    baseline: Path | None,
    *,
    clients_hash: bool,
    pass_over: bool,
    fix: bool,
    strict: bool,
    output_format: str,
    as_json: bool,
) -> None:
    """Find what would give a POST 403, in infrastructure code, before it is deployed.

    Reads CloudFormation and SAM templates, CDK assemblies (cdk.out), Terraform and OpenTofu plans and sources, and
    Pulumi previews, or finds them in a folder. It needs no credentials and no network. What only the deployment knows
    is counted, not judged.

    Exit code 0: nothing broken or risky, 1: findings, 2: something could not be read.
    """
    how = options.chosen_format(output_format, as_json=as_json)
    from edge_hasher.doctor.templates.fixing import run_fixing
    from edge_hasher.doctor.templates.reading.parameters import ParameterError
    from edge_hasher.doctor.templates.run import Question, run

    question = Question(
        paths=paths,
        parameters=_pairs(parameters),
        viewer_path=viewer_path,
        clients_hash=clients_hash,
        skip=skip,
        known=_known(baseline),
        strict=strict,
        pass_over=pass_over,
    )
    try:
        outcome, fixed = run_fixing(question) if fix else (run(question), [])
    except ParameterError as error:
        give_up(f"--parameter: {error}")
    for each in fixed:
        echo(printable(f"fixed {each.file}: {each.check.code} {each.what}"), err=True)
    for line in (*(f"{file}: {why}" for file, why in outcome.problems), *outcome.remarks):
        echo(printable(f"edge-hasher: {line}"), err=True)
    echo(_report(outcome, how))
    sys.exit(outcome.exit_code)


def _report(outcome: CheckRun, form: str) -> str:
    from edge_hasher.doctor.templates.reports import as_github, as_json, as_junit, as_sarif, as_text

    reports = {
        "text": as_text.as_text,
        "json": as_json.as_json,
        "sarif": as_sarif.as_sarif,
        "junit": as_junit.as_junit,
        "github": as_github.as_github,
    }
    return reports[form](outcome)


def _known(baseline: Path | None) -> frozenset[str]:
    from edge_hasher.doctor.templates.reading.source import ReadError
    from edge_hasher.doctor.templates.skips import known_findings

    try:
        return known_findings(baseline) if baseline else frozenset()
    except ReadError as error:
        give_up(f"the baseline {baseline} cannot be read: {error}")


def _pairs(parameters: tuple[str, ...]) -> dict[str, str]:
    pairs = dict(each.split("=", 1) for each in parameters if "=" in each)
    if len(pairs) < len(parameters):
        raise click.BadParameter("write NAME=VALUE", param_hint="--parameter")
    return pairs
