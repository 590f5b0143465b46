"""The Lambda@Edge origin-request function: the only part of the package that ships to AWS; as a library, `decide`."""

from .decision import Decision, EventError, decide

__all__ = ["Decision", "EventError", "decide"]
