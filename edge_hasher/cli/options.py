"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

ARTIFACT = click.option(
    "--artifact", type=click.Path(path_type=Path), help="A SAM build to run, instead of the source tree."
)
FUNCTION = click.option(
    "--function",
    metavar="NAME",
    help="The function.  [default: that of the SSM parameter /edge-hasher/version-arn, then of the stack edge-hasher]",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
PROFILE = click.option("--profile", metavar="NAME", help="AWS profile, as for the AWS CLI.")
REGION = click.option(
    "--region", help="AWS Region, as for the AWS CLI; CloudFront is global, and its functions are in us-east-1."
)
SETTINGS = click.option(
    "--setting",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="An Edge-Hasher setting, such as max-body=4096; may be repeated.",
)
