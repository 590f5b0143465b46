"""The command `edge-hasher doctor`: parse, call, print, exit code."""

from __future__ import annotations

import os
import sys

import click

COULD_NOT_LOOK = 2


@click.command()
@click.argument("distribution", required=False, metavar="DISTRIBUTION_ID|DOMAIN")
@click.option(
    "--path", metavar="/PATH", help="Look at the behaviour that serves this path.  [default: all Function URLs]"
)
@click.option("--function", metavar="NAME", help="The function that owns the Function URL, instead of a search for it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object (docs/checks.md).")
@click.option("--policy", is_flag=True, help="Print the IAM policy that doctor needs, and ask AWS nothing.")
@click.option("--profile", metavar="NAME", help="AWS profile, as for the AWS CLI.")
@click.option(
    "--region", metavar="NAME", help="AWS Region of the sign-in; functions are read where their URLs and ARNs say."
)
def doctor(
    distribution: str | None,
    path: str | None,
    function: str | None,
    as_json: bool,
    policy: bool,
    profile: str | None,
    region: str | None,
) -> None:
    """Say why a POST through CloudFront gets 403, and what mends it. Reads with your AWS credentials, changes nothing.

    Exit code 0: all right, 1: something is broken or risky, 2: could not look, or not everywhere.
    """
    from edge_hasher.operate.aws import Aws
    from edge_hasher.operate.doctor import iam_policy, report_json, report_text
    from edge_hasher.operate.doctor.reader import Question, read
    from edge_hasher.operate.doctor.runner import run
    from edge_hasher.operate.errors import OperateError
    from edge_hasher.operate.screen import Screen

    if policy:
        click.echo(iam_policy.as_json())
        return
    if distribution is None:
        raise click.UsageError("name a distribution, by its id, its domain name or a URL")
    screen = Screen(sys.stderr)
    try:
        question = Question(distribution=distribution, path=path, function=function)
        report = run(read(Aws(profile, region), question, screen.progress))
    except OperateError as error:
        screen.clear()
        for line in error.lines:
            screen.say(f"edge-hasher: {line}")
        sys.exit(COULD_NOT_LOOK)
    screen.clear()
    # click drops colours where there is no terminal; NO_COLOR (no-color.org) drops them everywhere.
    text = report_json.as_json(report) if as_json else report_text.as_text(report, profile=profile)
    click.echo(text, color=False if os.environ.get("NO_COLOR") else None)
    sys.exit(report.exit_code)
