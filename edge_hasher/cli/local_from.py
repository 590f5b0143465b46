"""The options of `edge-hasher local` that name a behavior in production, and reading it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edge_hasher.cli import options
from edge_hasher.cli.exits import give_up
from edge_hasher.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_hasher.doctor.setup.behavior import BehaviorSetup

_FILE = re.compile(r"^[./~]|\.(ya?ml|json|template|tf|tofu|out)/?$", re.IGNORECASE)
_OPTIONS = (
    click.option(
        "--from",
        "source",
        metavar="FILE|DISTRIBUTION",
        help="Set the behavior up as it is there: a template, a CDK assembly, a Terraform plan, or a distribution by "
        "id, domain or URL, read with your AWS credentials. Other options win.",
    ),
    click.option("--path", "viewer_path", metavar="/PATH", help="With --from: the behavior that serves this path."),
    click.option("--distribution", metavar="NAME", help="With --from FILE: one of several distributions in it."),
    click.option(
        "--parameter",
        "parameters",
        multiple=True,
        metavar="NAME=VALUE",
        help="With --from FILE: a template's parameter; may be repeated.",
    ),
    options.PROFILE,
    options.REGION,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What the options name."""

    source: str | None
    viewer_path: str | None
    distribution: str | None
    parameters: tuple[str, ...]
    profile: str | None
    region: str | None


def source_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options to a command, which gets them as keyword arguments of Source."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def setup_from(**named: Any) -> BehaviorSetup | None:  # noqa: ANN401 (as click passes them)
    """Return the behavior that the options name, or None without --from. Gives up where there is none, or several."""
    where = Source(**named)
    if where.source is None:
        unused = [
            name for name, value in (("--path", where.viewer_path), ("--distribution", where.distribution)) if value
        ]
        if unused or where.parameters:
            raise click.UsageError(f"{(*unused, '--parameter')[0]} is for --from: name a template or a distribution")
        return None
    if not where.source.strip():  # a variable of the shell that is not set
        raise click.UsageError("--from is empty: name a template or a distribution")
    from edge_hasher.doctor.setup.choosing import ChoiceError

    try:
        if Path(where.source).exists() or _FILE.search(where.source):
            return _from_code(where, Path(where.source))
        unused = [name for name in ("distribution", "parameters") if getattr(where, name)]
        if unused:
            raise click.UsageError(f"--{unused[0].removesuffix('s')} is for --from FILE: {where.source} is no file")
        return _from_distribution(where, where.source)
    except ChoiceError as error:
        give_up(printable(f"--from: {error}"))


def _from_code(where: Source, place: Path) -> BehaviorSetup:
    from edge_hasher.doctor.setup.choosing import CodeQuestion, from_code

    pairs = dict(each.split("=", 1) for each in where.parameters if "=" in each)
    if len(pairs) < len(where.parameters):
        raise click.BadParameter("write NAME=VALUE", param_hint="--parameter")
    return from_code(
        CodeQuestion(place=place, path=where.viewer_path, distribution=where.distribution, parameters=pairs)
    )


def _from_distribution(where: Source, name: str) -> BehaviorSetup:
    import sys

    from edge_hasher.aws.door import Aws
    from edge_hasher.aws.errors import OperateError
    from edge_hasher.doctor.reading.reader import Question, read
    from edge_hasher.doctor.setup.choosing import from_distribution
    from edge_hasher.screen import Screen

    screen = Screen(sys.stderr)
    question = Question(distribution=name, path=where.viewer_path, region=where.region)
    try:
        facts = read(Aws(profile=where.profile, region=where.region), question, screen.progress)
    except OperateError as error:
        screen.clear()
        give_up(*map(printable, error.lines))
    finally:
        screen.clear()
    return from_distribution(facts, f"the distribution {facts.id}")
