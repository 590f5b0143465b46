"""What a Function URL makes of a query string before any code of the user sees it.

Facts this stands on:
- A raw reserved character in a parameter's name is 400 with x-amzn-ErrorType InvalidQueryStringException: seen for "/"
  (SvelteKit's ?/login), for "[" and "]" (Payload's where[id]) and, by AWS's support, for all that RFC 2396 reserves. In
  values they pass (seen for ","). "+" is taken for a blank (inferred), "&" and "=" divide.
- A plus arrives as a blank in rawQueryString, which is otherwise left percent-encoded. Seen, behind the web adapter and
  admitted by AWS's support there. The adapter can only pass a blank on as %20 (inferred).
"""

from __future__ import annotations

import re

_RESERVED_IN_NAME = re.compile(r"[;/?:@,$\[\]]")


def problem(target: str) -> str | None:
    """Return why a Function URL refuses the query of a request target, or None."""
    for pair in target.partition("?")[2].split("&"):
        name = pair.partition("=")[0]
        if found := _RESERVED_IN_NAME.search(name):
            return (
                f"The query has a parameter whose name holds a raw {found[0]!r}: a Function URL refuses reserved "
                f"characters there. Percent-encode it (%{ord(found[0]):02X}), as encodeURIComponent does."
            )
    return None


def event_query(query: str) -> str:
    """Return rawQueryString: a plus is a blank, the rest is as it came."""
    return query.replace("+", " ")


def adapter_target(target: str) -> str:
    """Return the request target that an app behind the web adapter gets."""
    path, mark, query = target.partition("?")
    return path + mark + event_query(query).replace(" ", "%20")
