"""The inspector: the page at /__edge/ that shows the last requests of the local edge, live, step by step."""

from edge_hasher.local.inspector.feed import Pace
from edge_hasher.local.inspector.server import Inspector

__all__ = ["Inspector", "Pace"]
