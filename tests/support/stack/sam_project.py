"""A SAM project in a folder of its own, built and deployed by the real SAM CLI to MiniStack."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.aws.ministack_server import MiniStack

DEPLOY_TIMEOUT_S = 90
# The SAM CLI looks at the stack every five seconds, unless told otherwise; here a stack is up in one.
POLL_DELAY_S = "0.2"


@dataclass(frozen=True, slots=True, kw_only=True)
class SamProject:
    """A folder with template, samconfig and code, and the stand-in for AWS that it is deployed to."""

    folder: Path
    stack: str
    sam_bin: Path
    aws: MiniStack
    environment: Mapping[str, str] = field(default_factory=dict)

    def build(self) -> None:
        """Run `sam build`; fails with its output."""
        self._checked("build")

    def deploy(self, *arguments: str) -> str:
        """Run `sam deploy` with what the samconfig says and `arguments`; gives its output, fails with it."""
        return self._checked("deploy", "--no-confirm-changeset", *arguments)

    def refused(self, *arguments: str) -> str:
        """Run a `sam deploy` that must fail; gives what it said."""
        done = self._run("deploy", "--no-confirm-changeset", *arguments)
        assert done.returncode != 0, done.stdout
        return " ".join((done.stdout + done.stderr).split())

    def delete(self) -> None:
        """Run `sam delete`."""
        self._checked("delete", "--no-prompts")

    def outputs(self, region: str = "us-east-1") -> dict[str, str]:
        """Map the outputs of the stack to their values."""
        (stack,) = self.aws.client("cloudformation", region).describe_stacks(StackName=self.stack)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def physical_id(self, logical_id: str, region: str = "us-east-1") -> str:
        """Give the physical id of one of the stack's resources."""
        cloudformation = self.aws.client("cloudformation", region)
        found = cloudformation.describe_stack_resource(StackName=self.stack, LogicalResourceId=logical_id)
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    def replace(self, name: str, old: str, new: str) -> None:
        """Change one place of a source file."""
        path = self.folder / name
        text = path.read_text()
        assert len(re.findall(re.escape(old), text)) == 1, f"{old!r} is not there once in {name}"
        path.write_text(text.replace(old, new))

    def _checked(self, *arguments: str) -> str:
        done = self._run(*arguments)
        assert done.returncode == 0, f"sam {' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        own = {"PYTHON": str(self.sam_bin / "python"), "SAM_CLI_POLL_DELAY": POLL_DELAY_S}
        return subprocess.run(
            [self.sam_bin / "sam", *arguments],
            cwd=self.folder,
            env={**self.aws.env, **own, **self.environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=DEPLOY_TIMEOUT_S,
        )


def copied_build(artifact: Path, root: Path, folder: Path) -> Path:
    """Copy the project that `artifact` was built in, with the files that `sam deploy` uploads; gives `folder`."""
    shutil.copytree(artifact.parents[2], folder, dirs_exist_ok=True)
    for name in ("LICENSE", "README.md"):
        shutil.copy(root / name, folder / name)
    return folder
