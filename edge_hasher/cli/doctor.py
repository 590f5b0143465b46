"""The command `edge-hasher doctor`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge_hasher.cli import options
from edge_hasher.cli.exits import FINDINGS, OK, echo, run_on_aws

if TYPE_CHECKING:
    from edge_hasher.aws.door import Aws
    from edge_hasher.doctor.check import Severity
    from edge_hasher.doctor.facts import Facts
    from edge_hasher.screen import Screen


@click.command()
@click.argument("distribution", required=False, metavar="DISTRIBUTION_ID|DOMAIN|URL")
@click.option(
    "--path",
    metavar="/PATH",
    help="Check the behavior that serves this path.  [default: that of the URL, or all Function URLs]",
)
@click.option("--function", metavar="NAME", help="The function that owns the Function URL, instead of a search for it.")
@click.option(
    "--clients-hash", is_flag=True, help="Every client sends x-amz-content-sha256 itself: ask for no function."
)
@options.FORMAT
@options.JSON
@options.VERBOSE
@options.ONLY
@options.SKIP
@options.SEVERITY
@options.LIST_CHECKS
@click.option("--policy", is_flag=True, help="Print the IAM policy that doctor needs, and ask AWS nothing.")
@click.option(
    "--compare",
    type=click.Path(path_type=Path, exists=True),
    help="Infrastructure code to compare with, as `check` reads it: says what differs and matters for bodies.",
)
@options.PROFILE
@click.option(
    "--region", metavar="NAME", help="AWS Region to sign in to; functions are read in the Region of their URL or ARN."
)
def doctor(
    distribution: str | None,
    path: str | None,
    function: str | None,
    clients_hash: bool,
    output_format: str,
    as_json: bool,
    verbose: bool,
    only: frozenset[str],
    skip: frozenset[str],
    severity: Severity,
    list_checks: bool,
    policy: bool,
    compare: Path | None,
    profile: str | None,
    region: str | None,
) -> None:
    """Say why a POST through CloudFront gets 403, and how to fix it.

    Reads with your AWS credentials, and changes nothing.

    Exit code 0: all right, 1: something is broken or risky, 2: could not look, or not everywhere.
    """
    from edge_hasher.doctor import iam_policy
    from edge_hasher.doctor.reading.reader import Question, read
    from edge_hasher.doctor.reports import formats
    from edge_hasher.doctor.runner import run

    if policy or list_checks:
        echo(iam_policy.as_json() if policy else formats.list_of_checks())
        return
    if compare is not None and (as_json or output_format != "text"):
        raise click.UsageError("--compare prints text only: leave --json and --format out")
    if distribution is None:
        raise click.UsageError("name a distribution, by its id, its domain name or a URL")
    how = options.chosen_format(output_format, as_json=as_json)
    question = Question(
        distribution=distribution, path=path, function=function, clients_hash=clients_hash, region=region
    )

    def work(aws: Aws, screen: Screen) -> int:
        report = run(read(aws, question, screen.progress)).limited(only=only, skip=skip, severity=severity)
        screen.clear()
        echo(formats.written(report, how, profile=profile, verbose=verbose))
        codes = {report.exit_code} if compare is None else {report.exit_code, _compared(report.facts, compare)}
        return FINDINGS if FINDINGS in codes else max(codes)

    run_on_aws(work, profile=profile, region=region)


def _compared(facts: Facts, path: Path) -> int:
    """Print what differs; exit code 1 if anything does."""
    from edge_hasher.doctor.templates.drift import compare

    text, differs = compare(facts, path)
    echo(text)
    return FINDINGS if differs else OK
