"""The backup file: what is put back are the bytes that were there, or nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from edge_hasher.aws.errors import OperateError
from edge_hasher.operate.attach import backup
from edge_hasher.operate.attach.plan import Attach
from tests.support.aws.distribution_configs import ARN, SECRET, behavior, config, distribution

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PLAN = Attach(paths=("/chat*",), arn=ARN).plan(distribution(config([behavior("/chat*")])))
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def written(folder: Path) -> Path:
    """Write a backup."""
    return backup.write(PLAN.distribution, PLAN.xml, folder, action="attach", now=NOW)


def test_the_bytes_come_back(tmp_path: Path) -> None:
    """What is read is what was written, to the byte, and people find the configuration in it too."""
    path = written(tmp_path)
    found = backup.read(path)
    assert (found.xml, found.planned_xml) == (PLAN.distribution.xml, PLAN.xml)
    assert json.loads(path.read_text())["config"] == config([behavior("/chat*")])
    assert path.stat().st_mode & 0o777 == 0o600


def _config(change: Callable[[Any], object]) -> Callable[[Any], object]:
    return lambda content: change(content["config"])


TAMPERED: dict[str, Callable[[Any], object]] = {
    "a text for a number": _config(lambda it: it["Origins"].update(Quantity=SECRET)),
    "a number for a text": _config(lambda it: it.update(Comment=4711)),
    "a list for a mapping": _config(lambda it: it.update(DefaultCacheBehavior=[SECRET])),
    "another value": _config(lambda it: it.update(Comment=SECRET)),
    "a value less": _config(lambda it: it.pop("Enabled")),
    "no configuration": lambda it: it.pop("config"),
    "no XML": lambda it: it.pop("xml"),
    "a number for the XML": lambda it: it.update(xml=4711),
    "a mapping for the XML": lambda it: it.update(xml={"a": SECRET}),
    "half of the XML": lambda it: it.update(xml=it["xml"][:-200]),
    "another document": lambda it: it.update(xml=f"<a>{SECRET}</a>"),
    "no plan": lambda it: it.update(planned_xml=""),
    "an entity": lambda it: it.update(planned_xml=f'<!DOCTYPE a [<!ENTITY b "{SECRET}">]>' + it["planned_xml"]),
    "half a character": lambda it: it.update(xml="\ud800"),
    "a number for the id": lambda it: it.update(distribution_id=17),
    "another format": lambda it: it.update(format="edge-hasher-backup/1"),
    "a list for the format": lambda it: it.update(format=[]),
}


@pytest.mark.parametrize("change", TAMPERED.values(), ids=TAMPERED)
def test_a_file_that_was_edited_is_refused(change: Callable[[Any], object], tmp_path: Path) -> None:
    """A value of a wrong type, or one that is not in the XML, is one line that quotes nothing of the file."""
    path = written(tmp_path)
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    with pytest.raises(OperateError, match=r"is not a backup file .*edge-hasher-backup/2.*edited since") as refused:
        backup.read(path)
    (line,) = refused.value.lines
    assert SECRET not in line
    assert "4711" not in line
    assert line.isprintable()


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '"edge-hasher-backup/2"', "[" * 100_000, "{}"], ids=len)
def test_another_file_is_refused(content: str, tmp_path: Path) -> None:
    """Whatever else a file holds, it is not a backup."""
    (tmp_path / "b.json").write_text(content)
    with pytest.raises(OperateError, match="is not a backup file"):
        backup.read(tmp_path / "b.json")
