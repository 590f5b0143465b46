"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click


def _codes(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> frozenset[str]:
    """Read codes of checks, one or several with commas in each value, in any case."""
    from edge_hasher.doctor.check_pages import pages

    codes = {code.strip().upper() for value in values for code in value.split(",") if code.strip()}
    if unknown := sorted(codes - set(pages())):
        raise click.BadParameter(f"there is no check {', '.join(unknown)}; edge-hasher doctor --list-checks lists them")
    return frozenset(codes)


def chosen_format(output_format: str, *, as_json: bool) -> str:
    """Return what --format and --json ask for together; raises UsageError where both are given and contradict."""
    source = click.get_current_context().get_parameter_source("output_format")
    if as_json and output_format != "json" and source is not click.core.ParameterSource.DEFAULT:
        raise click.UsageError(f"--json and --format {output_format} exclude each other")
    return "json" if as_json else output_format


ARTIFACT = click.option(
    "--artifact", type=click.Path(path_type=Path), help="A SAM build to run, instead of the installed function."
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

# Of the commands that judge by doctor's checks.
FORMAT = click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json", "sarif", "junit"]),
    default="text",
    show_default=True,
    help="The form of the report; --json is short for json.",
)
LIST_CHECKS = click.option("--list-checks", is_flag=True, help="List the codes of all checks, and ask nothing.")
ONLY = click.option(
    "--only", multiple=True, metavar="CODES", callback=_codes, help="Report these checks alone: EH302,EH303."
)
SKIP = click.option(
    "--skip", multiple=True, metavar="CODES", callback=_codes, help="Leave these checks out of the report."
)
SEVERITY = click.option(
    "--severity",
    type=click.Choice(["broken", "risky", "note"]),
    default="note",
    show_default=True,
    help="The mildest findings to report; milder ones do not count for the exit code either.",
)
VERBOSE = click.option("--verbose", is_flag=True, help="Name each check that is right, too.")
