"""Adds to the wheel: man pages, made from the commands themselves, and the app that `edge-hasher demo` runs.

pipx and pip put the pages under share/man. An editable install needs neither: the app is found where it is written.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.builders.utils import get_reproducible_timestamp


class WheelContents(BuildHookInterface):  # type: ignore[type-arg]
    """One page a command, dated by SOURCE_DATE_EPOCH so that two builds are the same; and the example app."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the pages to build/man, and name them and the app to the wheel."""
        if version == "editable":
            return
        app = Path(self.root, "examples", "streaming-agent", "app")
        build_data["force_include"][str(app)] = "edge_hasher/local/example/app"
        sys.path.insert(0, self.root)
        from click_man.core import write_man_pages  # noqa: PLC0415 - a tool of the build

        import edge_hasher  # noqa: PLC0415 - needs the path above
        from edge_hasher.cli import main  # noqa: PLC0415

        folder = Path(self.root, "build", "man")
        folder.mkdir(parents=True, exist_ok=True)
        date = time.strftime("%Y-%m-%d", time.gmtime(get_reproducible_timestamp()))
        write_man_pages("edge-hasher", main, version=edge_hasher.__version__, target_dir=str(folder), date=date)
        for page in folder.glob("*.1"):
            build_data["shared_data"][str(page)] = f"share/man/man1/{page.name}"
