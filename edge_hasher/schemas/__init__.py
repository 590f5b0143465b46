"""What the commands print with --json: a document names its schema first. The schemas are the files beside this."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def document(command: str, members: Mapping[str, Any], *, indent: int | None = 2) -> str:
    """Return one JSON object, in ASCII: nothing in it can act on a terminal. `indent` None makes it one line."""
    return json.dumps({"schema": f"edge-hasher/{command}/1", **members}, indent=indent)
