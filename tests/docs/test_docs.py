"""The README and the docs say what is so: commands run, options exist, every command is documented."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from edge_hasher.cli import main
from edge_hasher.function.decision import ROWS
from edge_hasher.local.commands.limits import MEMORY_BOUND, NOT_MODELLED

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMAND = re.compile(r"^(\.venv/bin/)?edge-hasher ")
# These answer at once and need nothing but this machine; of the others, the options are checked.
RUN = {"invoke"}


def command_lines(page: Path) -> list[str]:
    """The command lines in a page's shell blocks, continued lines joined."""
    blocks = re.findall(r"^```sh\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.replace("\\\n", " ").splitlines() if line.strip()]


LINES = [(page.name, line) for page in PAGES for line in command_lines(page)]
OURS = [line for _, line in LINES if COMMAND.match(line)]


@pytest.mark.parametrize("line", OURS)
def test_commands_in_the_docs(line: str, tmp_path: Path) -> None:
    """A command in the docs runs as it is written, or at least takes the options that it is shown with."""
    arguments = shlex.split(COMMAND.sub("", line), comments=True)
    if arguments[0] in RUN:
        (tmp_path / "photo.jpg").write_bytes(bytes(range(256)))
        (tmp_path / "tests").symlink_to(ROOT / "tests")
        command = [sys.executable, "-c", "from edge_hasher.cli import main; main()", *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode in {0, 1}, done.stderr
    else:
        result = CliRunner().invoke(main, [*arguments, "--help"])
        assert result.exit_code == 0, result.output


def test_the_docs_show_commands() -> None:
    """The test above has something to run in the README and in the docs."""
    assert {name for name, line in LINES if COMMAND.match(line)} >= {
        "README.md",
        "attach.md",
        "checks.md",
        "local-edge.md",
        "probe.md",
    }


def test_make_targets_in_the_docs() -> None:
    """Each `make` target that the docs name is in the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {name for page in PAGES for name in re.findall(r"(?:`|^)make ([a-z-]+)", page.read_text(), re.MULTILINE)}
    assert named
    assert named <= targets


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_and_option_is_documented(name: str) -> None:
    """Each command has a heading in docs/cli.md, and each of its options is in the docs."""
    assert f"\n## {name}\n" in (ROOT / "docs" / "cli.md").read_text()
    docs = "\n".join(page.read_text() for page in PAGES)
    options = {
        option for parameter in main.commands[name].params for option in parameter.opts if option.startswith("--")
    }
    assert not {option for option in options if f"`{option}" not in docs and f", `{option}" not in docs}


def test_every_row_is_in_the_decision_table() -> None:
    """The table in the docs has the numbers and names of the code's rows, in order, and every refusal's code."""
    page = (ROOT / "docs" / "decision-table.md").read_text()
    rows = re.findall(r"^\| (\d+) \| `([a-z0-9-]+)` \|", page, re.MULTILINE)
    assert tuple((int(number), name) for number, name in rows) == ROWS
    expected = [json.loads(path.read_text()) for path in (ROOT / "tests" / "events").glob("*.expected.json")]
    codes = {case["refusal"]["code"] for case in expected if "refusal" in case}
    assert codes
    assert not {code for code in codes if f"`{code}`" not in page}


def test_links_lead_somewhere() -> None:
    """Each relative link of a page is to a file, or a heading, that is there."""
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text()):
            name, _, heading = target.partition("#")
            linked = page.parent / name if name else page
            assert linked.exists(), f"{page.name}: {target}"
            if heading:
                assert heading in anchors(linked), f"{page.name}: {target}"


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives a page's headings."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_limits_of_the_local_edge_are_in_its_page_and_its_help() -> None:
    """What is not modelled stands word for word in docs/local-edge.md and in --help, and so does the memory bound."""
    page = (ROOT / "docs" / "local-edge.md").read_text()
    listed = page.partition("<!-- not-modelled -->\n")[2].partition("<!-- /not-modelled -->")[0]
    assert listed.splitlines() == [f"- {line}" for line in NOT_MODELLED]
    assert " ".join(MEMORY_BOUND.split()) in " ".join(page.split())
    shown = " ".join(CliRunner().invoke(main, ["local", "--help"]).output.split())
    for line in (*NOT_MODELLED, MEMORY_BOUND):
        assert " ".join(line.split()) in shown


def test_the_readme_shows_the_real_demo() -> None:
    """The README's first output is what `edge-hasher demo` prints, but for what is random in it."""
    readme = (ROOT / "README.md").read_text()
    shown = re.search(r"^```text\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    assert shown is not None
    command = [sys.executable, "-c", "from edge_hasher.cli import main; main()", "demo", "--once"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert masked(shown[1]).strip() == masked(done.stdout).strip()


def masked(text: str) -> str:
    """Digests of random bytes are not the same twice; trailing blanks are nobody's business."""
    return "\n".join(re.sub(r"\b[0-9a-f]{64}\b", "(digest)", line).rstrip() for line in text.splitlines())


def test_help_is_fast_because_it_imports_little() -> None:
    """`edge-hasher --help` imports neither boto3 nor aiohttp nor the function."""
    program = (
        "import sys\nfrom click.testing import CliRunner\nfrom edge_hasher.cli import main\n"
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0\n"
        "print([name for name in ('boto3', 'botocore', 'aiohttp', 'edge_hasher.function') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_command_has_a_help_line() -> None:
    """Each command's help begins with a sentence that says what it does."""
    for command in main.commands.values():
        assert isinstance(command, click.Command)
        assert command.help
        assert command.help.split("\n\n")[0].endswith(".")


def test_no_registry_or_machine_path_is_named() -> None:
    """Nothing in the repository names a package registry's host or a path of somebody's machine."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    names = subprocess.run([git, "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    forbidden = re.compile(
        "|".join(["pypi" + r"\.org", "python" + "hosted", "registry" + r"\.npmjs", "/home" + "/", "/root" + "/"])
    )
    found = [
        name
        for name in names
        if name and (ROOT / name).is_file() and forbidden.search((ROOT / name).read_text("utf-8", "ignore"))
    ]
    assert found == []
