"""What a command prints with --json, held to the schema that `edge-hasher schema` prints."""

import json
from functools import cache
from typing import Any

from click.testing import CliRunner
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from edge_hasher.cli.schema import schema


@cache
def schema_of(command: str) -> Any:
    """The schema, as a user gets it."""
    printed = CliRunner().invoke(schema, [command])
    assert printed.exit_code == 0, printed.output
    return json.loads(printed.stdout)


@cache
def validator_of(command: str) -> Draft202012Validator:
    """What holds a document to the schema."""
    return Draft202012Validator(schema_of(command))


def checked(command: str, text: str | bytes) -> Any:
    """The document in `text`; fails unless it follows the command's schema and begins with the schema's name."""
    document = json.loads(text)
    validator_of(command).validate(document)
    assert next(iter(document)) == "schema"
    return document
