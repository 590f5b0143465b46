"""Many questions at once, and how it ends early."""

from __future__ import annotations

import threading
import time
from contextlib import closing

import pytest

from edge_hasher.aws.parallel import AT_ONCE, in_parallel
from tests.support.interrupt import ctrl_c_when


class Counter:
    """Answers after a while, the first once `together` are asked at a time, and counts."""

    def __init__(self, seconds: float = 0.005, *, together: int = 1) -> None:
        self.seconds = seconds
        self.together = together
        self._is_full = threading.Event()
        self.asked: list[int] = []
        self.most_at_once = 0
        self._now = 0
        self._lock = threading.Lock()

    def ask(self, question: int) -> int:
        """Answer with ten times the question; the later questions are answered sooner."""
        with self._lock:
            self.asked.append(question)
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
            if self._now == self.together:
                self._is_full.set()
        self._is_full.wait(10)  # a busy machine starts the last thread late
        time.sleep(self.seconds * (1 if question % 2 else 3))
        with self._lock:
            self._now -= 1
        return 10 * question


@pytest.mark.parametrize("at_once", [1, 3, AT_ONCE])
def test_answers_come_in_the_order_of_the_questions(at_once: int) -> None:
    """Each question is asked once, as many at a time as allowed, and the answers keep the order of the questions."""
    counter = Counter(together=at_once)

    assert list(in_parallel(counter.ask, range(40), at_once=at_once)) == [10 * number for number in range(40)]
    assert sorted(counter.asked) == list(range(40))
    assert counter.most_at_once == at_once


def test_nothing_is_begun_once_it_is_closed() -> None:
    """The answer that counts ends it: what has not begun is never asked."""
    counter = Counter()

    with closing(in_parallel(counter.ask, range(400), at_once=4)) as answers:
        assert next(answers) == 0
    begun = len(counter.asked)
    time.sleep(0.05)

    assert begun < 40
    assert len(counter.asked) == begun


def test_an_error_ends_it_in_its_turn() -> None:
    """What comes before the error is still given, whichever ended first; nothing more is begun."""
    counter = Counter()

    def ask(question: int) -> int:
        if question == 3:
            raise LookupError(question)
        return counter.ask(question)

    answers = in_parallel(ask, range(400), at_once=4)
    assert [next(answers) for _ in range(3)] == [0, 10, 20]
    with pytest.raises(LookupError):
        next(answers)
    assert len(counter.asked) < 40


def test_ctrl_c_does_not_hang() -> None:
    """Interrupted while it waits, it ends at once, though calls are under way, and begins no other."""
    release = threading.Event()
    asked: list[int] = []

    def ask(question: int) -> None:
        asked.append(question)
        release.wait(10)

    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt), ctrl_c_when(lambda: len(asked) >= 4):
        list(in_parallel(ask, range(400), at_once=4))
    took_s = time.monotonic() - start
    release.set()

    assert took_s < 5
    assert asked == [0, 1, 2, 3]
