"""The edges that the end-to-end tests share: one a module, with what the module's `EDGE` says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.edge.edge_fixtures import handler_spec, running_edge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.edge.edge_fixtures import Running


@pytest.fixture(scope="module")
def edge(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Run an edge with the function, or with the options in the module's `EDGE` (those of `running_edge`).

    Its `function` may be Python source, which the edge then runs. An indirect parameter replaces it, or all options.
    """
    options: dict[str, Any] = dict(getattr(request.module, "EDGE", {}))
    if hasattr(request, "param"):
        options = request.param if isinstance(request.param, dict) else options | {"function": request.param}
    if isinstance(source := options.get("function"), str):
        options["function"] = handler_spec(tmp_path_factory.mktemp("function"), source)
    with running_edge(**options) as running:
        yield running


@pytest.fixture(scope="module")
def bare() -> Iterator[Running]:
    """Run an edge without a function."""
    with running_edge(function=None) as running:
        yield running
