"""Ctrl-C in the middle of a call, from a test."""

from __future__ import annotations

import contextlib
import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SETTLE_S = 0.2


@contextlib.contextmanager
def ctrl_c_when(waiting: Callable[[], bool]) -> Iterator[None]:
    """Press Ctrl-C once the call under test waits, and again until it ends.

    Not after a fixed time: on a slow machine that is still in the start of the threads, where Python can lose it. The
    handler is Python's own meanwhile, whatever another test has left.
    """
    main = threading.main_thread().ident
    assert main is not None
    over = threading.Event()

    def press() -> None:
        while not waiting() and not over.wait(0.01):
            pass
        while not over.wait(SETTLE_S):
            signal.pthread_kill(main, signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    thread = threading.Thread(target=press)
    thread.start()
    try:
        yield
    finally:
        while signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            with contextlib.suppress(KeyboardInterrupt):  # pressed once more in between
                signal.signal(signal.SIGINT, signal.SIG_IGN)
        over.set()
        thread.join()
        signal.signal(signal.SIGINT, before)
