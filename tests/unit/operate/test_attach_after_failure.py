"""After an update that failed: what is there decides what is said, and what becomes of the backup."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge_hasher.aws.errors import ConflictError, NoAnswerError, NotAllowedError, OperateError, ThrottledError
from edge_hasher.operate.attach.apply import apply
from edge_hasher.operate.attach.plan import Attach
from tests.support.aws.distribution_configs import ARN, OTHER_ARN, association, behavior, config, distribution

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from edge_hasher.aws.cloudfront import Distribution
    from edge_hasher.operate.attach.apply import ApplyResult

INTENT = Attach(paths=("/chat*",), arn=ARN)
BEFORE = distribution(config([behavior("/chat*")]), etag="E1")
SAME = BEFORE
MADE = distribution(config([behavior("/chat*", [association()])]), etag="E2")
MADE_AND_MORE = distribution(config([behavior("/chat*", [association()])]) | {"Comment": "theirs"}, etag="E3")
THEIRS = distribution(config([behavior("/chat*")]) | {"Comment": "theirs"}, etag="E2")
IN_THE_WAY = distribution(config([behavior("/chat*", [association(OTHER_ARN)])]), etag="E2")

DENIED = NotAllowedError("not allowed")
LOST = NoAnswerError("no answer")
STALE = ConflictError("someone else")
THROTTLED = ThrottledError("fewer calls")


class FakeCloudFront:
    """Answers reads and updates in turn; an error is raised."""

    def __init__(self, updates: Sequence[str | Exception], reads: Sequence[Distribution | Exception]) -> None:
        self.updates, self.reads = list(updates), list(reads)

    def update(self, _id: str, _xml: bytes, *, etag: str) -> str:
        """Answer an update."""
        assert etag
        answer = self.updates.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def distribution(self, _id: str) -> Distribution:
        """Answer a read."""
        answer = self.reads.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def attach(cloudfront: FakeCloudFront, folder: Path) -> ApplyResult:
    """Apply an attach; everything is asked for."""
    saved = iter(range(9))

    def save(_plan: object) -> Path:
        path = folder / f"{next(saved)}.json"
        path.write_text("")
        return path

    try:
        return apply(cloudfront, INTENT, INTENT.plan(BEFORE), save=save, say=str)  # type: ignore[arg-type]  # a fake
    finally:
        assert (cloudfront.updates, cloudfront.reads) == ([], [])


@pytest.mark.parametrize("error", [DENIED, LOST, STALE, THROTTLED], ids=str)
def test_what_was_made_is_done(error: OperateError, tmp_path: Path) -> None:
    """Whatever the error said, a change that is there is told as made, and its backup stays."""
    done = attach(FakeCloudFront([error], [MADE, MADE]), tmp_path)
    assert (done.problems, done.notes) == ((), ())
    assert done.backup is not None
    assert done.backup.exists()


@pytest.mark.parametrize("error", [DENIED, LOST, STALE], ids=str)
def test_what_was_made_and_then_changed_still_stands(error: OperateError, tmp_path: Path) -> None:
    """A change that is there beside someone else's is told as made, with a note."""
    done = attach(FakeCloudFront([error], [MADE_AND_MORE, MADE_AND_MORE]), tmp_path)
    assert "still stands" in done.notes[0]
    assert done.backup is not None
    assert done.backup.exists()


@pytest.mark.parametrize("error", [DENIED, THROTTLED], ids=str)
def test_a_refusal_that_changed_nothing_leaves_no_backup(error: OperateError, tmp_path: Path) -> None:
    """Refused, and the ETag is the old one: nothing was made, and nothing is kept."""
    with pytest.raises(type(error), match=str(error)):
        attach(FakeCloudFront([error], [SAME]), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_lost_answer_that_changed_nothing_keeps_its_backup(tmp_path: Path) -> None:
    """The update may still arrive, so the backup stays and is named."""
    with pytest.raises(OperateError, match=r"as it was so far\. Backup: .*0\.json"):
        attach(FakeCloudFront([LOST], [SAME]), tmp_path)
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("error", [DENIED, LOST, STALE, THROTTLED], ids=str)
def test_what_cannot_be_read_is_not_known(error: OperateError, tmp_path: Path) -> None:
    """Without a read nobody knows; the backup stays and is named."""
    with pytest.raises(OperateError, match=r"not known: the same command finds out\. Backup: .*0\.json"):
        attach(FakeCloudFront([error], [LOST]), tmp_path)
    assert len(list(tmp_path.iterdir())) == 1


def test_someone_who_was_faster_is_planned_around(tmp_path: Path) -> None:
    """A conflict without a change of ours: planned anew on what is there. The ETag moved, so each backup stays."""
    made = distribution(THEIRS.config | {"CacheBehaviors": MADE.config["CacheBehaviors"]}, etag="E4")
    done = attach(FakeCloudFront([STALE, "E4"], [THEIRS, made]), tmp_path)
    assert (done.plan.distribution, done.problems) == (THEIRS, ())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.json", "1.json"]


def test_a_lost_answer_beside_someone_else_keeps_every_backup(tmp_path: Path) -> None:
    """Where an update may have been made and undone, its backup stays, though it is planned anew."""
    made = distribution(THEIRS.config | {"CacheBehaviors": MADE.config["CacheBehaviors"]}, etag="E4")
    assert attach(FakeCloudFront([LOST, "E4"], [THEIRS, made]), tmp_path).problems == ()
    assert len(list(tmp_path.iterdir())) == 2


def test_a_refusal_beside_someone_else_is_told(tmp_path: Path) -> None:
    """A refusal stands, whatever someone else did; the backup stays, as the ETag is not the old one."""
    with pytest.raises(OperateError, match=r"not allowed; someone else changed .* Backup: .*0\.json"):
        attach(FakeCloudFront([DENIED], [THEIRS]), tmp_path)
    assert len(list(tmp_path.iterdir())) == 1


def test_someone_who_took_the_place_is_not_displaced(tmp_path: Path) -> None:
    """After a conflict the new plan refuses as any other. The ETag moved, so the backup stays."""
    with pytest.raises(OperateError, match="another origin-request function"):
        attach(FakeCloudFront([STALE], [IN_THE_WAY]), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["0.json"]
