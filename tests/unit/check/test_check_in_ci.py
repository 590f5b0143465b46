"""The pre-commit hook and the GitHub Action run the command as it is."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from edge_hasher.cli import main
from tests.support.check.check_cases import EXCEPT_HOST, HEALTHY

ROOT = Path(__file__).resolve().parents[3]
BROKEN = HEALTHY.replace(EXCEPT_HOST, "216adef6-5c7f-47e4-b989-5492eafa07d3")


def hook() -> Any:
    """The hook, as pre-commit reads it."""
    return yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())[0]


def action() -> Any:
    """The action, as GitHub reads it."""
    return yaml.safe_load((ROOT / "action.yml").read_text())


def run_hook(*files: Path) -> int:
    """Run the hook's entry on files, as pre-commit does."""
    _, *arguments = shlex.split(hook()["entry"])
    return CliRunner().invoke(main, [*arguments, *map(str, files)]).exit_code


def test_the_hook_judges_templates_and_passes_over_the_rest(tmp_path: Path) -> None:
    """A commit names every YAML file; one that is no template does not fail it."""
    files = {"ok.yaml": HEALTHY, "bad.yaml": BROKEN, "compose.yaml": "services: {}\n", "package.json": "{}"}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert run_hook(tmp_path / "compose.yaml", tmp_path / "package.json") == 0
    assert run_hook(tmp_path / "compose.yaml", tmp_path / "ok.yaml") == 0
    assert run_hook(tmp_path / "compose.yaml", tmp_path / "bad.yaml") == 1


def test_the_hook_asks_for_the_files_that_check_reads() -> None:
    """Its pattern takes templates, plans and Terraform, and leaves code alone."""
    pattern = re.compile(hook()["files"])
    assert all(pattern.search(name) for name in ("a/template.yaml", "t.yml", "plan.json", "x.template", "main.tf"))
    assert not any(pattern.search(name) for name in ("app.py", "main.tfvars", "README.md"))
    assert hook()["additional_dependencies"] == [".[check]"]


@pytest.mark.skipif(sys.platform == "win32", reason="the action's steps are for bash")
@pytest.mark.parametrize(("text", "code"), [(HEALTHY, 0), (BROKEN, 1), ("a: b", 2)])
@pytest.mark.parametrize("form", ["github", "sarif"])
def test_the_steps_of_the_action_run(text: str, code: int, form: str, tmp_path: Path) -> None:
    """What GitHub would run, run by bash: the report is where the output says, and the exit code is the command's."""
    (tmp_path / "a;b $(false).yaml").write_text("x: y")  # never run
    (tmp_path / "infra.yaml").write_text(text)
    outcome = run_step(tmp_path, {"paths": "infra.yaml", "format": form})
    assert outcome.returncode == code, outcome.stderr
    report = Path((tmp_path / "output").read_text().strip().removeprefix("report="))
    if form == "sarif":
        assert len(json.loads(report.read_text())["runs"][0]["results"]) == (code == 1)
    else:
        assert ("::error file=infra.yaml,line=" in outcome.stdout) == (code == 1)


def test_inputs_of_the_action_are_never_run(tmp_path: Path) -> None:
    """A path is data, whatever is in it."""
    run_step(tmp_path, {"paths": "$(touch ran) `touch ran` ; touch ran", "format": "text"})
    assert not (tmp_path / "ran").exists()


def run_step(folder: Path, inputs: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the last step as GitHub does, with this environment's command in the place of a fresh one."""
    step = action()["runs"]["steps"][-1]
    defaults = {name: str(each["default"]) for name, each in action()["inputs"].items()}
    values = defaults | inputs
    given = {
        name: re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda found: values[found[1]], text)
        for name, text in step["env"].items()
    }
    installed = folder / "edge-hasher" / "bin"
    installed.mkdir(parents=True, exist_ok=True)
    (installed / "edge-hasher").symlink_to(Path(sys.executable).with_name("edge-hasher"))
    own = {"RUNNER_TEMP": str(folder), "GITHUB_OUTPUT": str(folder / "output")}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=folder,
        env=os.environ | own | given,
        capture_output=True,
        text=True,
        check=False,
    )


def test_no_input_of_the_action_is_in_a_script() -> None:
    """An expression in a script would be run; inputs are passed as environment variables."""
    assert all("${{" not in step["run"] for step in action()["runs"]["steps"])
