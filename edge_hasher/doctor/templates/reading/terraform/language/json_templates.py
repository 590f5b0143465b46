"""A text of Terraform's JSON syntax as Terraform's language writes it: quotes escaped, expressions as they are."""

from __future__ import annotations

import json
import re
from functools import cache

from edge_hasher.doctor.templates.reading.terraform.language.texts import DOUBLED_MARK, MARK

_ANY_MARK = re.compile(r"[$%]\{")
_NAME = re.compile(r"\$\{[\w.*-]+\}")
_NOT_READ = '"${expression.unread}"'


@cache
def template(text: str, *, is_literal: bool) -> str:
    """Return a text between quotes; one that holds no expression, such as a variable's default, is literal."""
    if is_literal:
        return f'"{_quoted(text, _ANY_MARK)}"'
    pieces: list[str] = []
    end = 0
    while (begin := MARK.search(text, end)) is not None:
        close = _closing(text, begin.end())
        if close is None:
            return _NOT_READ
        pieces += [_quoted(text[end : begin.start()], DOUBLED_MARK), text[begin.start() : close].replace("\n", " ")]
        end = close
    pieces.append(_quoted(text[end:], DOUBLED_MARK))
    whole = f'"{"".join(pieces)}"'
    return whole if len(pieces) == 1 or _NAME.fullmatch(text) or _can_be_read(whole) else _NOT_READ


def _quoted(text: str, marks: re.Pattern[str]) -> str:
    """Escape a text that is not an expression; the $ or % of a mark by its number, which no parser takes for one."""
    whole = json.dumps(text, ensure_ascii=False)[1:-1]
    return marks.sub(lambda found: f"\\u{ord(found[0][0]):04x}{{", whole)


def _closing(text: str, start: int) -> int | None:
    """Return the position behind the brace that ends an expression; braces within its own texts do not count."""
    depth, is_quoted, position = 1, False, start
    while position < len(text):
        character = text[position]
        if is_quoted and character == "\\":
            position += 1
        elif character == '"':
            is_quoted = not is_quoted
        elif not is_quoted:
            depth += (character == "{") - (character == "}")
            if depth == 0:
                return position + 1
        position += 1
    return None


def _can_be_read(text: str) -> bool:
    import hcl2
    from lark.exceptions import LarkError

    try:
        hcl2.parses_to_tree(f"x = {text}\n")
    except (LarkError, RecursionError):
        return False
    return True
