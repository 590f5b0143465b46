"""Expand template.yaml as CloudFormation does, with SAM's own translator, and print it as JSON.

A program for the SAM CLI's Python: `.venvs/sam/bin/python tests/support/stack/expand_template.py template.yaml`.
"""

import json
import sys
from pathlib import Path

from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform


class NoManagedPolicies:
    """Stands in for the loader that asks IAM for the ARNs of managed policies: the template names none."""

    def load(self) -> dict[str, str]:
        """Return no policies."""
        return {}


def main() -> None:
    """Read the template named on the command line, and print its expansion."""
    template = yaml_parse(Path(sys.argv[1]).read_text())
    # The translator wants code that is uploaded already.
    template["Resources"]["EdgeHasherFunction"]["Properties"]["CodeUri"] = "s3://example-bucket/example-key"
    json.dump(transform(template, {}, NoManagedPolicies()), sys.stdout)


if __name__ == "__main__":
    main()
