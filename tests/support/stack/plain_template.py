"""A CloudFormation template as it is written."""

from pathlib import Path
from typing import Any

import yaml


class _TemplateLoader(yaml.SafeLoader):
    """Reads CloudFormation's short forms as what they hold: the values are all that matters here."""


_TemplateLoader.add_multi_constructor("!", lambda loader, _, node: _plain(loader, node))


def _plain(loader: Any, node: yaml.Node) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    return loader.construct_scalar(node)


def template_of(path: Path) -> Any:
    """Read a template; the short forms of its functions are what they hold."""
    return yaml.load(path.read_text(), Loader=_TemplateLoader)  # noqa: S506 (a safe loader, and our own file)
