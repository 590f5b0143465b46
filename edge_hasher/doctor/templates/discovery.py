"""What is in a path: one file, or a folder in which the readable ones are found; and what reads it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from edge_hasher.doctor.templates.reading import cdk, cloudformation
from edge_hasher.doctor.templates.reading.document import YamlDocument
from edge_hasher.doctor.templates.reading.source import NotATemplateError, ReadError, read_text
from edge_hasher.doctor.templates.reading.terraform import plan, pulumi, sources
from edge_hasher.doctor.templates.reading.terraform.language.hcl_values import HclDocument
from edge_hasher.doctor.templates.reading.terraform.language.module_files import is_source, module_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from edge_hasher.doctor.templates.reading.values import World

# A template, or a plan of Terraform's or Pulumi's, by a word that it must have.
_TEMPLATE = re.compile(
    r"""^[ \t]*["']?Resources["']?[ \t]*:|"Resources"[ \t]*:|"planned_values"[ \t]*:|"urn:pulumi:""", re.MULTILINE
)
_ASSEMBLY = "cdk.out"  # a file in the folder of that name
_SUFFIXES = (".yaml", ".yml", ".json", ".template")
_PASSED_OVER = frozenset({"node_modules", "__pycache__", "site-packages", "venv", "dist"})


@dataclass(slots=True)
class Reading:
    """What was read, and which files could not be: the file and why."""

    worlds: list[World] = field(default_factory=list)
    problems: list[tuple[Path, str]] = field(default_factory=list)


def read_all(paths: Sequence[Path], parameters: Mapping[str, str], *, pass_over: bool = False) -> Reading:
    """Read everything that the paths name; what cannot be read is said, and does not stop the rest.

    With `pass_over`, a named file that does not look like a template is left alone, as it is in a folder.
    """
    reading = Reading()
    for path in dict.fromkeys(_module(each) for each in paths):
        before = len(reading.worlds) + len(reading.problems)
        _guarded(reading, path, parameters, pass_over=pass_over)
        if len(reading.worlds) + len(reading.problems) == before and not pass_over:
            reading.problems.append((path, "nothing in it can be read; `edge-hasher check --help` says what can"))
    reading.worlds = list(_without_called(reading.worlds))
    reading.problems = list(dict.fromkeys(reading.problems))  # a module is read by itself, and where it is called
    return reading


def _without_called(worlds: Sequence[World]) -> Iterator[World]:
    """Leave out modules that another one calls: there they have their inputs."""
    called = {
        document.file.parent.resolve()
        for each in worlds
        for document in each.documents
        if isinstance(document, HclDocument) and document.file.parent != Path(each.name)
    }
    for each in worlds:
        is_module = any(isinstance(document, HclDocument) for document in each.documents)
        if not is_module or Path(each.name).resolve() not in called:
            yield each


def _module(path: Path) -> Path:
    """Take any file of a Terraform module for the module: it is read as a whole, and once."""
    if not is_source(path.name) or not path.is_file():
        return path
    return next(iter(module_files(path.parent)), path)


def _guarded(reading: Reading, path: Path, parameters: Mapping[str, str], *, pass_over: bool) -> None:
    try:
        if path.is_dir():
            for each in _inside(reading, path):
                _file(reading, each, path, parameters, is_named=False)
        else:
            _file(reading, path, path.parent, parameters, is_named=not pass_over)
    except OSError as error:
        reading.problems.append((path, error.strerror or str(error)))


def _inside(reading: Reading, folder: Path) -> Iterator[Path]:
    """Return the files of a folder that may be templates, in order; tools' own folders are left out."""

    def unreadable(error: OSError) -> None:
        reading.problems.append((Path(str(error.filename)), error.strerror or str(error)))

    for place, folders, files in os.walk(folder, onerror=unreadable):
        if cdk.MANIFEST in files and _ASSEMBLY in files:
            # The templates of an assembly belong together.
            folders[:], files[:] = [], [cdk.MANIFEST]
        folders[:] = sorted(each for each in folders if each not in _PASSED_OVER and not each.startswith("."))
        # The files of one folder are one module.
        yield from module_files(Path(place))[:1]
        yield from (Path(place, each) for each in sorted(files) if each.endswith(_SUFFIXES) and not is_source(each))


def _file(reading: Reading, file: Path, checked: Path, parameters: Mapping[str, str], *, is_named: bool) -> None:
    try:
        text = read_text(file)
        if is_named or file.name == cdk.MANIFEST or is_source(file.name) or _TEMPLATE.search(text):
            reading.worlds.append(_world(file, text, checked, parameters, reading.problems))
    except ReadError as error:
        if is_named or not isinstance(error, NotATemplateError):
            reading.problems.append((error.file or file, str(error)))
    except RecursionError:
        reading.problems.append((file, "it is nested too deeply"))


def _world(
    file: Path, text: str, checked: Path, parameters: Mapping[str, str], problems: list[tuple[Path, str]]
) -> World:
    if is_source(file.name):
        return sources.read(file.parent, parameters, checked)
    document = YamlDocument(file, text)
    if cdk.is_manifest(document.data):
        return cdk.read(file, parameters, problems)
    if plan.is_plan(document.data):
        return plan.read(document)
    if pulumi.is_preview(document.data):
        return pulumi.read(document)
    return cloudformation.read(document, parameters)
