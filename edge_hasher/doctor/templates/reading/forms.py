"""What a value looks like that only the deployment knows: an example of the same form, which functions of text cut.

A form is text, or a list of text; None where nothing is known of it. SOMETHING in a text stands for any text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from edge_hasher.doctor.templates.reading.values import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

# Seen: get-function-url-config, and Terraform's and CDK's attribute: https, the host, a slash.
FUNCTION_URL = "https://abcdefghijklmnopqrstuvwxyz012345.lambda-url.us-east-1.on.aws/"
SOMETHING = "\0"
_T = TypeVar("_T")
_LIMIT_CHARACTERS = 2000  # texts within texts make long ones with a few lines


def form_of(value: object) -> object:
    """Return the form of a value: its own text, or that of what is not known."""
    if isinstance(value, Unknown):
        return value.form
    if isinstance(value, list):
        return [form_of(each) for each in value]
    return value if isinstance(value, str | int) and not isinstance(value, bool) else None


def joined_form(pieces: Iterable[object]) -> str | None:
    """Return the form of pieces put together."""
    forms = [form_of(each) for each in pieces]
    return limited("".join(str(each) if isinstance(each, str | int) else SOMETHING for each in forms))


def limited(form: _T) -> _T | None:
    """Return a form that is not too long to go on with."""
    return form if len(str(form)) <= _LIMIT_CHARACTERS else None


def split_form(separator: object, text: object) -> list[str] | None:
    """Return the form of the parts of a text; None where what is not known of it may hold the separator."""
    if not isinstance(separator, str) or not separator or not isinstance(text, str):
        return None
    return None if SOMETHING in text else text.split(separator)


def item_form(index: object, items: object) -> object:
    """Return the form of one of several."""
    if not isinstance(items, list) or not str(index).isdecimal() or int(str(index)) >= len(items):
        return None
    return items[int(str(index))]


def list_joined_form(separator: str, items: object) -> str | None:
    """Return the form of the items of a list put together; of a long separator nothing is made."""
    if not isinstance(items, list) or limited(separator) is None:
        return None
    return limited(separator.join(map(str, items)))
