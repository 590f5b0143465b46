"""Print, as JSON, what docs/consume.md says in CDK (synthesised) and in Terraform's language (parsed).

A program for the Python of `.venvs/iac`: `read_iac_docs.py docs/consume.md FOLDER`; CDK writes to FOLDER.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

import aws_cdk
import hcl2
from aws_cdk import aws_lambda


def code(page: str, heading: str, language: str) -> str:
    """Give the first block in a language under a heading."""
    section = re.split(r"^## ", page.split(f"\n## {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    found = re.search(rf"^```{language}\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    assert found, f"no {language} under {heading}"
    return found[1]


def synthesised(source: str, folder: str) -> Any:
    """Run the CDK code as a user's app would, and give the template of its stack."""
    names: dict[str, Any] = {}
    exec(compile(source, "docs/consume.md", "exec"), names)  # noqa: S102 (our own documentation)
    app = aws_cdk.App(outdir=folder)
    where = aws_cdk.Environment(account="123456789012", region="us-east-1")
    functions = aws_cdk.Stack(app, "Functions", env=where)
    inline = aws_lambda.Code.from_inline("def handler(event, context): ...")
    runtime = aws_lambda.Runtime.PYTHON_3_13
    agent = aws_lambda.Function(functions, "Agent", code=inline, handler="index.handler", runtime=runtime)
    site = names["Site"](app, "Site", agent=agent, env=where)
    return app.synth().get_stack_by_name(site.stack_name).template


def main() -> None:
    """Read the page named on the command line."""
    page = Path(sys.argv[1]).read_text(encoding="utf-8")
    told = {
        "cdk": synthesised(code(page, "CDK", "python"), sys.argv[2]),
        "terraform": hcl2.loads(code(page, "Terraform", "hcl")),
    }
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
