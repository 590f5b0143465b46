"""What is written about each diagnosis: in probe.md beside this file, which docs/probe.md equals."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_SECTION = re.compile(r"^### ([a-z][a-z0-9-]*)\n.*?(?=^##|\Z)", re.MULTILINE | re.DOTALL)


@cache
def pages() -> dict[str, str]:
    """Map the codes of diagnoses to their sections, as Markdown, in the order of the page."""
    text = files(__package__).joinpath("probe.md").read_text(encoding="utf-8")
    return {section[1]: f"{section[0].rstrip()}\n" for section in _SECTION.finditer(text)}
