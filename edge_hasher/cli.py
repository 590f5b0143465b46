"""The command line: parse, call, print, exit code. Each command imports what it needs, so that --help stays fast."""

from __future__ import annotations

import click

import edge_hasher

_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(context_settings=_CONTEXT)
@click.version_option(edge_hasher.__version__, prog_name="edge-hasher")
def main() -> None:
    """Make POST, PUT, PATCH and DELETE work through CloudFront OAC to a private Lambda Function URL."""
