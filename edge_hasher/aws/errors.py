"""Why something could not be done on an AWS account: one family of errors, each a line or more with the fix."""

from __future__ import annotations


class OperateError(Exception):
    """Something could not be done; each argument is one line that says what and how to fix it."""

    @property
    def lines(self) -> tuple[str, ...]:
        """The message, line by line."""
        return tuple(str(line) for line in self.args)


class ConflictError(OperateError):
    """Someone else changed the distribution since it was read."""


class NotAllowedError(OperateError):
    """The credentials may not do it; `action` is the IAM action that is missing."""

    def __init__(self, *lines: str, action: str = "") -> None:
        super().__init__(*lines)
        self.action = action


class NotFoundError(OperateError):
    """What was asked for is not there."""


class CredentialsError(OperateError):
    """There are no credentials, or AWS does not take them; `code` is what AWS calls it."""

    def __init__(self, *lines: str, code: str = "") -> None:
        super().__init__(*lines)
        self.code = code


class NoAnswerError(OperateError):
    """AWS did not answer; whether the call took effect is not known."""


class UnexpectedAnswerError(NoAnswerError):
    """What came is not an answer of AWS, or not a whole one."""


class ThrottledError(OperateError):
    """AWS asks for fewer calls; the call had no effect."""
