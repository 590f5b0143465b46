"""Ctrl-C in the middle of a call, from a test."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SETTLE_S = 0.2


@contextlib.contextmanager
def ctrl_c_when(waiting: Callable[[], bool]) -> Iterator[None]:
    """Press Ctrl-C once the call under test waits, and again until it ends.

    Not after a fixed time: on a slow machine that is still in the start of the threads, where Python can lose it.
    """
    main = threading.main_thread().ident
    assert main is not None
    over = threading.Event()

    def press() -> None:
        while not waiting() and not over.wait(0.01):
            pass
        while not over.wait(SETTLE_S):
            signal.pthread_kill(main, signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=press)
    thread.start()
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        over.set()
        thread.join()
        time.sleep(0)  # a signal that was sent already is ignored here
        signal.signal(signal.SIGINT, before)
